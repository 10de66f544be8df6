"""Run what bench/dedup/measure.py speed holds gristmill against: datatrove's four MinHash steps, from Parquet to deduplicated Parquet.

Make a Python for it once:

    python3.11 -m venv reference
    reference/bin/python -m pip install datatrove==0.10.1 tokenizers spacy==3.8.18 pyarrow 'xxhash<4' regex

Hashes, buckets and shingles are those of datatrove's examples/fineweb.py: 14 buckets of 8 hashes of 64 bits, 5-grams. Left out
is its TokensCounter; texts come from and go to Parquet instead of gzipped JSON, which is the cheaper for it and what ours does.
"""

import argparse
import importlib.metadata
import json
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the four steps one after another and write how long each took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("root", type=Path, help="a folder that bench/dedup/corpus.py has written")
    parser.add_argument("out", type=Path, help="JSON file to write")
    parser.add_argument("work", type=Path, help="folder for signatures, buckets, clusters and the result")
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    seconds: dict[str, float] = {}
    for name, executor in executors(arguments.root, arguments.work, cores=arguments.cores):
        began = time.perf_counter()
        executor.run()
        seconds[name] = time.perf_counter() - began
    kept = count_rows(arguments.work / "output")
    versions = {name: importlib.metadata.version(name) for name in ("datatrove", "spacy", "numpy", "xxhash")}
    arguments.out.write_text(json.dumps({"seconds": seconds, "kept": kept, "versions": versions}))


def executors(root: Path, work: Path, *, cores: int) -> list[tuple[str, Any]]:
    """Return datatrove's steps by name, each with its own pool of workers."""
    from datatrove.executor import LocalPipelineExecutor  # type: ignore[import-not-found, unused-ignore]
    from datatrove.pipeline.dedup import (  # type: ignore[import-not-found, unused-ignore]
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import (  # type: ignore[import-not-found, unused-ignore]
        MinhashConfig,
        MinhashDedupBuckets,
    )
    from datatrove.pipeline.readers import ParquetReader  # type: ignore[import-not-found, unused-ignore]
    from datatrove.pipeline.writers import ParquetWriter  # type: ignore[import-not-found, unused-ignore]
    from datatrove.utils.hashing import HashConfig  # type: ignore[import-not-found, unused-ignore]

    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8, hash_config=HashConfig(precision=64))
    files = len(list((root / "documents").glob("chunk=*/kind=document/*.parquet")))  # a task reads whole files

    def reader() -> Any:
        return ParquetReader(str(root / "documents"), glob_pattern="chunk=*/kind=document/*.parquet", read_metadata=False)

    def executor(name: str, steps: list[Any], tasks: int) -> tuple[str, Any]:
        return name, LocalPipelineExecutor(steps, tasks=tasks, workers=cores, logging_dir=str(work / "logs" / name))

    signatures, buckets, removed = (str(work / name) for name in ("signatures", "buckets", "removed"))
    return [
        executor("signatures", [reader(), MinhashDedupSignature(signatures, config=config)], files),
        executor("buckets", [MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        executor("cluster", [MinhashDedupCluster(buckets, removed, config=config)], 1),
        executor(
            "filter",
            [reader(), MinhashDedupFilter(removed), ParquetWriter(str(work / "output"), compression="zstd")],
            files,
        ),
    ]


def count_rows(folder: Path) -> int:
    """Count the rows of Parquet files."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped, unused-ignore]

    return sum(int(pq.ParquetFile(file).metadata.num_rows) for file in folder.glob("**/*.parquet"))


if __name__ == "__main__":
    main()
