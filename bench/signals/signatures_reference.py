"""Time datatrove's own signature code over texts, a JSON list on standard input; run by bench/signals/signatures.py in datatrove's Python.

Prints a JSON object, documents a CPU second of a step, as its last line.
"""

import json
import sys
import time
from collections.abc import Callable
from tempfile import TemporaryDirectory

from datatrove.pipeline.dedup.minhash import (  # type: ignore[import-not-found, unused-ignore]
    MinhashConfig,
    MinhashDedupSignature,
)
from datatrove.utils.hashing import HashConfig  # type: ignore[import-not-found, unused-ignore]

PASSES = 3


def rate(work: Callable[[], object], *, documents: int) -> float:
    """Return documents a CPU second, the best of PASSES passes."""
    seconds = []
    for _ in range(PASSES):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return documents / min(seconds)


def measure(texts: list[str], *, folder: str) -> dict[str, float]:
    """Time shingles and signatures apart, and both, with FineWeb's configuration (datatrove examples/fineweb.py)."""
    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8, hash_config=HashConfig(precision=64, hash_fc="sha1"))
    step = MinhashDedupSignature(output_folder=folder, config=config)
    sets = [step.get_shingles(text) for text in texts]
    count = len(texts)
    shingles = rate(lambda: [step.get_shingles(text) for text in texts], documents=count)
    signatures = rate(lambda: [step.get_signature(one) for one in sets], documents=count)
    both = rate(lambda: [step.get_signature(step.get_shingles(text)) for text in texts], documents=count)
    return {
        "datatrove: text to shingles": shingles,
        "datatrove: 112 permutations": signatures,
        "datatrove: text to signature of 112": both,
    }


def main() -> None:
    """Print what was measured."""
    texts = json.load(sys.stdin)
    with TemporaryDirectory() as folder:
        print(json.dumps(measure(texts, folder=folder)))


if __name__ == "__main__":
    main()
