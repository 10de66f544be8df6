"""Measure documents in a child process, and find the one among them that kills it."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from udfs.isolation.isolated import ChildDied, Function, Isolated


def measured_apart(
    function: Function, batches: Iterable[pa.RecordBatch], *, rows: int, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Yield what `function` makes of batches with a column `id`, at most `rows` at a time; the schema has `id` and `error`.

    A part whose child dies is halved until the document is found that kills it, so n documents cost 2 log2(n) parts more. That
    document gets its error and nothing else.
    """
    with Isolated(function) as child:
        for batch in batches:
            for start in range(0, batch.num_rows, rows):
                yield from _halved(child, batch.slice(start, rows), schema)


def _halved(child: Isolated, batch: pa.RecordBatch, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    try:
        yield from list(child.run(batch))  # all of them or none
    except ChildDied as died:
        if batch.num_rows == 1:
            row = {"id": batch.column("id")[0].as_py(), "error": f"crashed: {died}"}
            yield pa.RecordBatch.from_pylist([row], schema=schema)
            return
        middle = batch.num_rows // 2
        yield from _halved(child, batch.slice(0, middle), schema)
        yield from _halved(child, batch.slice(middle), schema)
