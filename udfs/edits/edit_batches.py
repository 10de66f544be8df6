"""Apply edits to a column of texts: what publish runs in Python workers."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from udfs.edits.edit import Edit, apply
from udfs.edits.edited_text import merged
from udfs.edits.row_error import row_error
from udfs.signals.tokens import token_count


def apply_edits(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Replace the `text` column by the text with its `edits` and, over these, each layer of its `cuts` applied, and drop both columns.

    The tokens of a text that lost parts are counted again: what the signals say was counted before.

    A caller that hands in a column `error` (null) gets it back with what a row raised; such a row has no text, is not to be
    published, and has failed. Without that column the exception is raised, for no row may vanish.
    """
    for batch in batches:
        guarded = "error" in batch.schema.names
        rows = zip(*(batch.column(name).to_pylist() for name in ("text", "token_count", "edits", "cuts")), strict=True)
        made = [_guarded(*row) if guarded else (*_published(*row), None) for row in rows]
        texts, counts, errors = zip(*made, strict=True) if made else ((), (), ())
        new = {"text": pa.array(texts, pa.string()), "token_count": pa.array(counts, pa.int64())}
        if guarded:
            new["error"] = pa.array(errors, pa.string())
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


def _guarded(text: str, tokens: int | None, edits: Rows, cuts: list[Rows] | None) -> tuple[str | None, int | None, str | None]:
    try:
        return (*_published(text, tokens, edits, cuts), None)
    except Exception as error:
        return None, None, row_error(error)


def edit_text(text: str, rows: list[dict[str, object]] | None) -> str:
    """Apply edits given as the signals table holds them: dicts of start, end, replacement, kind."""
    return apply(text, [Edit(**row) for row in rows or ()])  # type: ignore[arg-type]
