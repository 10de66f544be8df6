"""Put rows into batches of bounded size: a batch is what stands in memory several times at once."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from udfs.documents.file_row import Row
from udfs.documents.schema import ROW_SCHEMA

MAX_BATCH_BYTES = 16 << 20
MAX_BATCH_ROWS = 256


def indices(batches: Iterable[pa.RecordBatch]) -> Iterator[int]:
    """Yield the numbers of a column `id`, which say what a task is to work on."""
    for batch in batches:
        yield from batch.column("id").to_pylist()


def batched(rows: Iterator[Row]) -> Iterator[pa.RecordBatch]:
    """Yield batches of ROW_SCHEMA of at most MAX_BATCH_ROWS rows and about MAX_BATCH_BYTES."""
    held: list[Row] = []
    held_bytes = 0
    for row in rows:
        document = row.get("document") or {}
        carried = sum(len(value) for _, value in document.get("carried") or ())
        row_bytes = 2000 + 4 * (len(document.get("text") or "") + carried)
        if held and (held_bytes + row_bytes > MAX_BATCH_BYTES or len(held) >= MAX_BATCH_ROWS):
            yield pa.RecordBatch.from_pylist(held, schema=ROW_SCHEMA)
            held, held_bytes = [], 0
        held.append(row)
        held_bytes += row_bytes
    if held:
        yield pa.RecordBatch.from_pylist(held, schema=ROW_SCHEMA)
