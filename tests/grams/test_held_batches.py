"""Rows of documents: the same however they are cut into batches, and a broken row costs itself alone."""

from typing import Any

import pyarrow as pa
import pytest

from tests.grams.test_shared_runs import MILL, index_of
from udfs.edits.edit import Edit, apply
from udfs.grams.cut_spans import cut_spans
from udfs.grams.held_batches import FOUND_SCHEMA, FindHeld
from udfs.signals.sets import EDITS


class Sent:
    """Stand for a broadcast variable."""

    value = index_of(MILL, "Nine wheels turn in the tall house of stone beside the bridge")


IN = pa.schema([*((name, pa.string()) for name in ("id", "chunk", "text")), ("layers", pa.list_(EDITS))])


def found(rows: list[dict[str, Any]], *, parts: int = 1) -> list[dict[str, Any]]:
    size = -(-len(rows) // parts)
    batches = [pa.RecordBatch.from_pylist(rows[at : at + size], schema=IN) for at in range(0, len(rows), size)]
    made = list(FindHeld(Sent())(batches))
    assert all(batch.schema == FOUND_SCHEMA for batch in made)
    return [row for batch in made for row in batch.to_pylist()]


def row(id_: str, text: str | None, *layers: list[Edit]) -> dict[str, Any]:
    return {"id": id_, "chunk": "0", "text": text, "layers": [[edit._asdict() for edit in layer] for layer in layers]}


ROWS = [row(f"<{number}>", f"Number {number}. {MILL if number % 3 == 0 else 'Nothing.'} The end.") for number in range(20)]


@pytest.mark.parametrize("parts", [1, 3, 8])
def test_rows_are_the_same_however_they_are_cut(parts: int) -> None:
    assert found(ROWS, parts=parts) == found(ROWS)
    assert [bool(one["held"]) for one in found(ROWS, parts=parts)] == [number % 3 == 0 for number in range(20)]


def test_a_broken_row_fails_alone() -> None:
    good, bad, other = found([row("<a>", MILL), row("<b>", None), row("<c>", "Nothing.")])
    assert bad["id"] == "<b>" and bad["error"].startswith("TypeError") and bad["held"] is None
    assert good["held"] and good["error"] is None and other["held"] is None and other["error"] is None


def test_what_earlier_edits_took_is_not_there_and_places_are_those_of_the_extracted_text() -> None:
    text = f"Cut this. {MILL} And that."
    gone, moved = found([row("<a>", text, [Edit(12, 80, "", "x")]), row("<b>", text, [], [Edit(0, 10, "", "x")])])
    assert gone["held"] is None
    (one,) = moved["held"]
    assert text[one["start"] : one["end"]] == MILL.rstrip(".") and one["share"] == 1.0
    assert (one["evaluation_set"], one["item"], one["field"], one["words"]) == ("s", "0", "q", 17)
    assert apply(text, [Edit(**edit) for edit in moved["edits"]]) == "Cut this. And that."


def test_nothing_is_left_of_a_document_that_is_an_item() -> None:
    whole, part = found([row("<a>", f" {MILL}\n"), row("<b>", f"{MILL} More.")])
    assert (whole["is_left"], part["is_left"]) == (False, True)
    assert whole["removed"] == len(MILL) + 2


@pytest.mark.parametrize(
    ("text", "words", "left"),
    [
        ("Read on. What is it? A mill.", "What is it", "Read on. A mill."),
        ("Read on.\nWhat is it? A mill.", "What is it", "Read on.\nA mill."),
        ("Read on.\nWhat is it?\nA mill.", "What is it", "Read on.\nA mill."),
        ("What is it?\nA mill.", "What is it", "A mill."),
        ("So: what is it", "what is it", "So:"),
        ("What is it", "What is it", ""),
        ("\u1000\u1001.", "\u1000", "\u1001."),
        ("\u1000\u102b.", "\u1000", "\u102b."),  # a vowel sign, which is the next word
    ],
)
def test_marks_and_white_space_go_along_and_lines_stay_lines(text: str, words: str, left: str) -> None:
    at = text.index(words)
    spans = cut_spans(text, [(at, at + len(words))])
    assert apply(text, [Edit(start, end, "", "x") for start, end in spans]) == left
