"""Let semhash (MIT, MinishLab) drop duplicates among vectors that are there: seconds, memory, and how many stay.

    python -m bench.semantic.scale FOLDER --vectors vectors.npy --documents 100000     writes the vectors
    PEER/bin/python bench/semantic/peer.py vectors.npy 0.9

semhash has an environment of its own. It finds neighbours by usearch's HNSW graph, so it compares approximately.
"""

import json
import resource
import sys
import time

import numpy as np


class NoModel:
    """Stand for the encoder, which has no work: the vectors are given."""

    def encode(self, inputs: object, **kwargs: object) -> np.ndarray:
        """Refuse to encode."""
        raise NotImplementedError


def main() -> None:
    """Print one line of JSON."""
    from semhash import SemHash  # type: ignore[import-not-found]  # of another environment

    vectors = np.load(sys.argv[1])
    began, cpu = time.perf_counter(), time.process_time()
    index = SemHash.from_embeddings(vectors, [str(n) for n in range(len(vectors))], NoModel())
    found = index.self_deduplicate(threshold=float(sys.argv[2]))
    used = time.process_time() - cpu
    print(
        json.dumps(
            {
                "documents": len(vectors),
                "seconds": round(time.perf_counter() - began, 1),
                "cpu_seconds": round(used, 1),
                "documents_a_core_second": round(len(vectors) / used),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
                "kept": len(found.selected),
            }
        )
    )


if __name__ == "__main__":
    main()
