"""Apply edits to a column of texts: what publish runs in Python workers."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from udfs.edits import Edit, apply


def apply_edits(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Replace the `text` column of each batch by the text with its `edits` applied, and drop the `edits` column."""
    for batch in batches:
        texts = batch.column("text").to_pylist()
        edits = batch.column("edits").to_pylist()
        edited = pa.array([edit_text(text, rows) for text, rows in zip(texts, edits, strict=True)], pa.string())
        at = batch.schema.get_field_index("text")
        table = batch.set_column(at, pa.field("text", pa.string()), edited)
        yield table.select([name for name in table.schema.names if name != "edits"])


def edit_text(text: str, rows: list[dict[str, object]] | None) -> str:
    """Apply edits given as the signals table holds them: dicts of start, end, replacement, kind."""
    return apply(text, [Edit(**row) for row in rows or ()])  # type: ignore[arg-type]
