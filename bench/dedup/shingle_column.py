"""Measure what a column of sorted shingle hashes would save where dedup verifies pairs, and what it would cost on the disk.

    python -m bench.dedup.shingle_column OUT --documents 100000

Each way ends with the set of every document, as comparing needs it: made anew from the text, or read from the column. CPU seconds are
those of one process; the files are Parquet with zstd, as Spark writes them.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.dedup.corpus import Corpus, page
from bench.process_usage import machine
from udfs.similarity.minhash import shingle_hashes

NGRAM = 5
AT_ONCE = 10_000  # documents of a file


def main() -> None:
    """Write both columns, read both, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--documents", type=int, default=100_000)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(documents=given.documents)
    bytes_of = {"text": 0, "8 bytes a hash": 0, "4 bytes a hash": 0}
    made = read = 0.0
    for start in range(0, given.documents, AT_ONCE):
        texts = [page(corpus, number).text for number in range(start, min(start + AT_ONCE, given.documents))]
        bytes_of["text"] += written(given.out / "text.parquet", pa.array(texts, pa.string()))
        began = time.process_time()
        for text in pq.read_table(given.out / "text.parquet").column("v").to_pylist():
            made_set(text)
        made += time.process_time() - began
        sets = [made_set(text) for text in texts]
        bytes_of["8 bytes a hash"] += written(
            given.out / "sets.parquet", pa.array([one.tobytes() for one in sets], pa.binary())
        )
        small = [np.sort((one >> 32).astype(np.int32)).tobytes() for one in sets]
        bytes_of["4 bytes a hash"] += written(given.out / "small.parquet", pa.array(small, pa.binary()))
        began = time.process_time()
        for value in pq.read_table(given.out / "sets.parquet").column("v"):
            np.frombuffer(value.as_buffer(), np.int64)
        read += time.process_time() - began
    print(f"{machine()}; {given.documents:,} documents\n\n| column | bytes a document |\n|---|---|")
    for name, size in bytes_of.items():
        print(f"| {name} | {size / given.documents:,.0f} |")
    print(
        f"\nCPU microseconds a document: {1e6 * made / given.documents:,.0f} from its text, {1e6 * read / given.documents:,.0f} read"
    )


def made_set(text: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return the sorted hashes of a text, as a worker of dedup makes them."""
    return np.sort(shingle_hashes(text, NGRAM).view(np.int64))


def written(path: Path, values: pa.Array) -> int:
    """Write a column, and return the bytes of its file."""
    pq.write_table(pa.table({"v": values}), path, compression="zstd", use_dictionary=False)
    return path.stat().st_size


if __name__ == "__main__":
    main()
