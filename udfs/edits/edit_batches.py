"""Apply edits to a column of texts: what publish runs in Python workers."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from udfs.edits.edit import Edit, apply
from udfs.edits.edited_text import merged
from udfs.signals.tokens import token_count


def apply_edits(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Replace the `text` column by the text with its `edits` and, over these, each layer of its `cuts` applied, and drop both columns.

    The tokens of a text that lost parts are counted again: what the signals say was counted before.
    """
    for batch in batches:
        rows = zip(*(batch.column(name).to_pylist() for name in ("text", "token_count", "edits", "cuts")), strict=True)
        texts, counts = zip(*(_published(*row) for row in rows), strict=True) if batch.num_rows else ((), ())
        new = {"text": pa.array(texts, pa.string()), "token_count": pa.array(counts, pa.int64())}
        table = batch
        for name, values in new.items():
            table = table.set_column(batch.schema.get_field_index(name), pa.field(name, values.type), values)
        yield table.select([name for name in table.schema.names if name not in ("edits", "cuts")])


Rows = list[dict[str, object]] | None


def _published(text: str, tokens: int | None, edits: Rows, cuts: list[Rows] | None) -> tuple[str, int | None]:
    if not any(cuts or ()):
        return edit_text(text, edits), tokens
    left = apply(text, merged([[Edit(**row) for row in layer or ()] for layer in (edits, *(cuts or ()))]))
    return left, token_count(left)


def edit_text(text: str, rows: list[dict[str, object]] | None) -> str:
    """Apply edits given as the signals table holds them: dicts of start, end, replacement, kind."""
    return apply(text, [Edit(**row) for row in rows or ()])  # type: ignore[arg-type]
