"""Texts as earlier edits leave them, batch by batch: what finds duplicate parts, and what turns found parts into edits."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from udfs.edits.edit import Edit
from udfs.edits.edited_text import EditedText, merged
from udfs.edits.row_error import row_error
from udfs.signals.sets import EDITS as EDITS

ROWS = 256  # of a batch that goes out
CUT_SCHEMA = pa.schema(
    [("id", pa.string()), ("edits", EDITS), ("removed", pa.int64()), ("reason", pa.string()), ("error", pa.string())]
)
MERGED_SCHEMA = pa.schema([("id", pa.string()), ("edits", EDITS), ("chunk", pa.string()), ("error", pa.string())])

Spans = Callable[[str, Sequence[int]], list[tuple[int, int]]]


def edited(text: str, layers: Sequence[Sequence[dict[str, Any]] | None]) -> EditedText:
    """Return the text with layers of edits made, given as tables hold them."""
    return EditedText(text, _merged(layers))


def _merged(layers: Sequence[Sequence[dict[str, Any]] | None]) -> tuple[Edit, ...]:
    return merged([[Edit(**row) for row in layer or ()] for layer in layers])


class Keys:
    """Measure every text with a function of its row and the edited text; a class, so that Spark pickles it by reference."""

    def __init__(self, measure: Callable[[dict[str, Any], str], dict[str, Any]], schema: pa.Schema) -> None:
        self.measure = measure
        self.schema = schema

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn batches with nr, text and layers, and whatever else the function reads, into batches of the schema.

        A row that raises has nr and `error` alone: no part of it can be found, so the document has failed.
        """
        for part in parts(batches):
            yield pa.RecordBatch.from_pylist([self._row(row) for row in part.to_pylist()], schema=self.schema)

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.measure(row, edited(row["text"], row["layers"]).text)
        except Exception as error:
            return {"nr": row["nr"], "error": row_error(error)}


class Cuts:
    """Turn the numbers of the parts to cut into edits of the original text, and say what is left."""

    def __init__(self, spans: Spans, kind: str) -> None:
        self.spans = spans
        self.kind = kind

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn batches of id, text, layers, marks (numbers of parts), reason into batches of CUT_SCHEMA.

        A row that comes with a reason is dropped for it, whatever its parts; one that has nothing but white space left, as `nothing_left`.
        A row that raises has id and `error` alone: it would keep what it should lose, so the document has failed.
        """
        for part in parts(batches):
            yield pa.RecordBatch.from_pylist([self._row(row) for row in part.to_pylist()], schema=CUT_SCHEMA)

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._cut(row)
        except Exception as error:
            return {"id": row["id"], "error": row_error(error)}

    def _cut(self, row: dict[str, Any]) -> dict[str, Any]:
        seen = edited(row["text"], row["layers"])
        spans = self.spans(seen.text, sorted(row["marks"]))
        left = "".join(
            seen.text[end:start] for (_, end), (start, _) in zip([(0, 0), *spans], [*spans, (len(seen.text), 0)], strict=True)
        )
        reason = row["reason"] or (None if left.strip() else "nothing_left")
        return {
            "id": row["id"],
            "edits": [Edit(*seen.original(start, end), "", self.kind)._asdict() for start, end in spans],
            "removed": len(seen.text) - (0 if reason else len(left)),
            "reason": reason,
        }


def merge_layers(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Turn batches of id, chunk and layers into MERGED_SCHEMA: the one list of edits that the layers make together.

    A row that raises has `error` and no edits: the document has failed.
    """
    for part in parts(batches):
        yield pa.RecordBatch.from_pylist([_merged_row(row) for row in part.to_pylist()], schema=MERGED_SCHEMA)


def _merged_row(row: dict[str, Any]) -> dict[str, Any]:
    named = {"id": row["id"], "chunk": row["chunk"]}
    try:
        return named | {"edits": [edit._asdict() for edit in _merged(row["layers"])]}
    except Exception as error:
        return named | {"error": row_error(error)}


def parts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Cut batches into parts of at most ROWS rows, so that few texts are Python's at once."""
    for batch in batches:
        for start in range(0, batch.num_rows, ROWS):
            yield batch.slice(start, ROWS)
