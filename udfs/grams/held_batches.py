"""Find what documents hold of evaluation sets, batch by batch: what decontaminate runs in Python workers."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import pyarrow as pa

from udfs.edits.edit import Edit
from udfs.edits.edited_batches import EDITS, edited, parts
from udfs.edits.edited_text import EditedText
from udfs.edits.row_error import row_error
from udfs.grams.cut_spans import cut_spans
from udfs.grams.gram_index import GramIndex
from udfs.grams.shared_runs import Held, held_texts

KIND = "evaluation_set"
_NAMED = [(name, pa.string()) for name in ("evaluation_set", "item", "field")]
_PLACED = [("share", pa.float64()), *((name, pa.int64()) for name in ("words", "start", "end"))]
HELD = pa.list_(pa.struct([*_NAMED, *_PLACED]))
FOUND_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "chunk")),
        ("held", HELD),
        ("edits", EDITS),
        ("removed", pa.int64()),
        ("is_left", pa.bool_()),
        ("error", pa.string()),
    ]
)


class Sent(Protocol):
    """What the driver sent to all workers: a broadcast variable."""

    @property
    def value(self) -> Any: ...


class FindHeld:
    """Search every text for the texts of evaluation sets; a class, so that Spark pickles it by reference."""

    def __init__(self, index: Sent) -> None:
        self.index = index

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn batches of id, chunk, text and layers (earlier edits) into batches of FOUND_SCHEMA, a row for each document.

        `held` has what the document holds, with the longest span of each in the extracted text, and is null for most documents. `edits`
        would cut all spans; `removed` counts their characters, `is_left` says whether more than white space would be left. A row that
        raises has id, chunk and `error` alone: nobody knows what it holds, so the document has failed.
        """
        index: GramIndex = self.index.value
        for part in parts(batches):
            yield pa.RecordBatch.from_pylist([_row(row, index) for row in part.to_pylist()], schema=FOUND_SCHEMA)


def _row(row: dict[str, Any], index: GramIndex) -> dict[str, Any]:
    named = {"id": row["id"], "chunk": row["chunk"]}
    try:
        return named | _found(edited(row["text"], row["layers"]), index)
    except Exception as error:
        return named | {"error": row_error(error)}


def _found(seen: EditedText, index: GramIndex) -> dict[str, Any]:
    held = held_texts(seen.text, index)
    if not held:
        return {}
    spans = cut_spans(seen.text, sorted((span.start, span.end) for one in held for span in one.spans))
    return {
        "held": [_named(one, seen, index) for one in held],
        "edits": [Edit(*seen.original(start, end), "", KIND)._asdict() for start, end in spans],
        "removed": sum(end - start for start, end in spans),
        "is_left": _is_left(seen.text, spans),
    }


def _named(one: Held, seen: EditedText, index: GramIndex) -> dict[str, Any]:
    longest = max(one.spans, key=lambda span: span.end - span.start)
    start, end = seen.original(longest.start, longest.end)
    item = index.item_names[int(index.items[one.text])]
    return {
        "evaluation_set": item.set,
        "item": item.name,
        "field": index.field_names[int(index.fields[one.text])],
        "share": round(one.share, 4),
        "words": one.words,
        "start": start,
        "end": end,
    }


def _is_left(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    parts = zip([(0, 0), *spans], [*spans, (len(text), 0)], strict=True)
    return any(text[end:start].strip() for (_, end), (start, _) in parts)
