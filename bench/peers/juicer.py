"""Run data-juicer's MinHash deduplicator over the corpus, from Parquet to the kept documents' Parquet, by the Python that has it.

The command is bench/peers/sides.py's. The operator's two steps are called as its `run` calls them, by processes of one machine. `run`
itself ends with a call into torch, which it would install, and which nothing here needs.
"""

import argparse
import importlib.metadata
import json
import time
from pathlib import Path


def main() -> None:
    """Drop duplicates, write the kept documents, and say how long each took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("root", type=Path, help="a folder that bench/dedup/corpus.py has written")
    parser.add_argument("out", type=Path, help="JSON file to write")
    parser.add_argument("work", type=Path, help="folder for its caches and for the kept documents")
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    import datasets  # type: ignore[import-not-found, unused-ignore]
    from data_juicer.core.data import NestedDataset  # type: ignore[import-not-found, unused-ignore]
    from data_juicer.ops.deduplicator.document_minhash_deduplicator import (  # type: ignore[import-not-found, unused-ignore]
        DocumentMinhashDeduplicator,
    )

    (given.work / "output").mkdir(parents=True)
    files = [str(file) for file in sorted((given.root / "documents").glob("chunk=*/kind=document/*.parquet"))]
    seconds, began = {}, time.perf_counter()
    rows = datasets.load_dataset(
        "parquet", data_files=files, split="train", columns=["id", "text"], cache_dir=str(given.work / "cache")
    )
    seconds["read"] = time.perf_counter() - began
    began = time.perf_counter()
    operator = DocumentMinhashDeduplicator()
    signed = NestedDataset(rows).map(operator.compute_hash, num_proc=given.cores)
    seconds["signatures"] = time.perf_counter() - began
    began = time.perf_counter()
    kept, _ = operator.process(signed)
    seconds["duplicates dropped"] = time.perf_counter() - began
    began = time.perf_counter()
    kept.to_parquet(str(given.work / "output/kept.parquet"))
    seconds["kept text"] = time.perf_counter() - began
    versions = {name: importlib.metadata.version(name) for name in ("py-data-juicer", "datasets", "numpy")}
    given.out.write_text(json.dumps({"seconds": seconds, "versions": versions}))


if __name__ == "__main__":
    main()
