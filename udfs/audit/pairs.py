"""Pairs of a removed text and the kept one, compared in Python workers: what each has that the other lacks, cut for a page."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from udfs.audit.lacking import Word, lacking, runs_of, words_of
from udfs.edits.edit_batches import edit_text
from udfs.edits.row_error import row_error

CONTEXT_CHARACTERS = 160  # of what both texts have, shown on either side of what one lacks
SHOWN_CHARACTERS = 3_000  # of a text
MOST_RUNS = 80
COUNTS = (
    "words",
    "lacked",
    "prose",
    "lacked_prose",
)  # of a text: its words, those that the other lacks, and so of its sentences
PASSED = ("url", "date")  # of a document, handed on as they come
RUNS = pa.list_(pa.struct([("text", pa.string()), ("lacked", pa.bool_())]))
COMPARED = pa.schema(
    [
        ("pair", pa.int64()),
        *((f"{side}_{name}", pa.int64()) for side in ("removed", "kept") for name in COUNTS),
        *((f"{side}_runs", RUNS) for side in ("removed", "kept")),
        *((f"{side}_{name}", pa.string()) for side in ("removed", "kept") for name in PASSED),
        ("error", pa.string()),
    ]
)


def compare_pairs(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Turn batches of pair and, of both sides, text, edits, url, date (removed_text, kept_text and so on) into batches of COMPARED.

    The texts are compared as their edits leave them. A row that raises has an `error` and no counts.
    """
    for batch in batches:
        rows = [_guarded(row) for row in batch.to_pylist()]
        yield pa.RecordBatch.from_pylist(rows, schema=COMPARED)


def _guarded(row: dict[str, Any]) -> dict[str, Any]:
    passed = {name: value for name, value in row.items() if name.partition("_")[2] in ("", *PASSED)}
    try:
        removed, kept = (edit_text(row[f"{side}_text"], row[f"{side}_edits"]) for side in ("removed", "kept"))
        return {**passed, **compared(removed, kept)}
    except Exception as error:
        return {**passed, "error": row_error(error)}


def compared(removed: str, kept: str) -> dict[str, Any]:
    """Compare two texts: the counts of both, and the stretches to show of both."""
    words = words_of(removed), words_of(kept)
    marks = lacking(*words)
    found: dict[str, Any] = {}
    for side, text, own, lacked in zip(("removed", "kept"), (removed, kept), words, marks, strict=True):
        found |= {f"{side}_{name}": count for name, count in zip(COUNTS, _counts(own, lacked), strict=True)}
        found[f"{side}_runs"] = [{"text": run, "lacked": marked} for run, marked in shown(list(runs_of(text, own, lacked)))]
    return found


def _counts(words: list[Word], lacked: list[bool]) -> tuple[int, int, int, int]:
    prose = sum(word.prose for word in words)
    both = sum(word.prose and marked for word, marked in zip(words, lacked, strict=True))
    return len(words), sum(lacked), prose, both


def shown(runs: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Cut the stretches of a text to SHOWN_CHARACTERS: what both texts have for long becomes an ellipsis between its ends.

    >>> [(len(text), lacked) for text, lacked in shown([("a " * 500, False), ("news", True)])]
    [(162, False), (4, True)]
    """
    made: list[tuple[str, bool]] = []
    room = SHOWN_CHARACTERS
    for place, (text, lacked) in enumerate(runs):
        if room <= 0 or len(made) == MOST_RUNS:
            made.append((" […]", False))
            break
        if not lacked and len(runs) > 1:
            text = _ends(text, first=place == 0, last=place + 1 == len(runs))
        text = text if len(text) <= room else text[: room - 1] + "…"
        room -= len(text)
        made.append((text, lacked))
    return made


def _ends(text: str, *, first: bool, last: bool) -> str:
    """Keep of a shared stretch what stands beside its neighbours; the first has one behind it alone, the last one before it."""
    before, after = 0 if first else CONTEXT_CHARACTERS, 0 if last else CONTEXT_CHARACTERS
    if len(text) <= before + after + 3:
        return text
    return f"{text[:before]}{' … ' if before and after else '… ' if after else ' …'}{text[len(text) - after :]}"
