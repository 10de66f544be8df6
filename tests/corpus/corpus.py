"""What the tests of the corpus reader share: running it as Spark does, and files of every kind."""

import gzip
import json
import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from udfs.corpus.columns import CorpusColumns
from udfs.corpus.worker import read_files
from udfs.documents.batches import MAX_BATCH_BYTES, MAX_BATCH_ROWS
from udfs.documents.file_row import FileRange
from udfs.documents.schema import ROW_SCHEMA

Rows = list[dict[str, Any]]


def read(
    *files: Path | str | FileRange, columns: CorpusColumns | None = None, max_row_bytes: int = 1 << 20
) -> tuple[Rows, Rows]:
    """Read files or ranges; return the document rows and the file rows."""
    ranges = tuple(file if isinstance(file, FileRange) else FileRange(str(file), chunk=3) for file in files)
    worker = read_files(ranges, "RUN", columns or CorpusColumns(), max_row_bytes=max_row_bytes)
    worker = pickle.loads(pickle.dumps(worker))  # as Spark ships it
    documents: Rows = []
    told: Rows = []
    for batch in worker(iter([pa.record_batch({"id": pa.array(range(len(ranges)), pa.int64())})])):
        assert batch.schema == ROW_SCHEMA
        assert batch.num_rows <= MAX_BATCH_ROWS
        assert batch.nbytes <= MAX_BATCH_BYTES or batch.num_rows == 1
        for row in batch.to_pylist():
            assert (row["document"] is None) != (row["file"] is None)
            (told if row["document"] is None else documents).append(row["document"] or row["file"])
    return documents, told


def fates(documents: Rows) -> list[tuple[str, str | None, str | None]]:
    """Return outcome, reason and text of each row."""
    return [(row["outcome"], row["reason"], row["text"]) for row in documents]


def accounted(told: dict[str, Any]) -> tuple[int, int]:
    """Return the bytes that a file row accounts for, and those that it should."""
    return told["bytes_records"] + told["bytes_skipped"], told["end"] - told["start"]


def jsonl(rows: Iterable[Any]) -> bytes:
    """Return rows as lines of JSON."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def packed(data: bytes, kind: str) -> bytes:
    """Return bytes as they are, or compressed by gzip or zstd."""
    if kind == "gzip":
        return gzip.compress(data, mtime=0)
    if kind == "zstd":
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as out:
            out.write(data)
        return bytes(sink.getvalue().to_pybytes())
    return data


def parquet(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    """Write a Parquet file."""
    pq.write_table(pa.table(columns), path, **options)
    return path
