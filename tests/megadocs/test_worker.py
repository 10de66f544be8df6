"""The worker: pages and texts in batches of any size, and a reason for what has no page."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.engine.errors import RecipeError
from jobs.recipe.load import recipe_of
from udfs.megadocs.group import WeaveSettings
from udfs.megadocs.worker import PIECE_FIELDS, ROWS, weave_pieces

SCHEMA = pa.schema([("chunk", pa.string()), *PIECE_FIELDS])
STITCH = WeaveSettings("stitch", generations=2, min_generations=1)


def page(name: str, text: str = "The page.", **facts: Any) -> dict[str, Any]:
    return {"chunk": "00000", "page_id": name, "is_page": True, "root": "/p", "id": name, "nth": 0, "text": text, **facts}


def text(name: str, of: str | None, nth: int | None = 0, words: str = "A text.") -> dict[str, Any]:
    return {"chunk": "00000", "page_id": of, "is_page": False, "root": "/t", "id": name, "nth": nth, "text": words}


def woven(rows: list[dict[str, Any]], *, size: int = 100, settings: WeaveSettings = STITCH) -> list[dict[str, Any]]:
    batches = [pa.RecordBatch.from_pylist(rows[at : at + size], schema=SCHEMA) for at in range(0, len(rows), size)]
    found: list[dict[str, Any]] = []
    for batch in weave_pieces(settings)(batches):
        assert batch.schema == ROWS
        found += batch.to_pylist()
    return found


ROWS_IN = [
    text("lost", None),
    text("orphan", "gone"),
    page("a", url="https://www.Example.org/x", date="2026-01-02T03:04:05Z", dump="D", page_language="en"),
    text("a0", "a", 0, "First."),
    text("a1", "a", 1, "Second."),
    page("b"),
    text("c0", "c"),
]


def test_each_page_is_woven_and_what_has_none_says_so() -> None:
    found = woven(ROWS_IN)
    assert [(row["id"], row["outcome"], row["reason"]) for row in found] == [
        ("lost#unwoven", "failed", "not_one_parent"),
        ("orphan#unwoven", "failed", "no_page"),
        ("a#stitch", "extracted", None),
        ("b#unwoven", "dropped", "few_texts"),
        ("c0#unwoven", "failed", "no_page"),
    ]
    facts = ("chunk", "text", "url", "host", "domain", "date", "dump", "page_language", "file_path")
    assert [found[2][name] for name in facts] == [
        "00000",
        "First.\n\nSecond.\n\nThe page.",
        "https://www.Example.org/x",
        "www.example.org",
        "example.org",
        "2026-01-02T03:04:05Z",
        "D",
        "en",
        "/p",
    ]
    assert found[3]["parents"] == [{"root": "/p", "id": "b", "start": None, "end": None}]


@given(st.integers(1, 8))
def test_the_rows_are_the_same_however_they_are_batched(size: int) -> None:
    assert woven(ROWS_IN, size=size) == woven(ROWS_IN)


def test_a_page_that_is_too_long_with_its_texts_is_never_held_and_costs_itself_alone() -> None:
    settings = WeaveSettings("stitch", generations=2, min_generations=1, max_characters=30)
    rows = [page("a"), text("a0", "a", 0, "x" * 10), text("a1", "a", 1, "x" * 20), page("b"), text("b0", "b")]
    found = {row["id"]: row["reason"] for row in woven(rows, settings=settings)}
    assert found == {"a#unwoven": "too_long", "a0#unwoven": "page_left_out", "a1#unwoven": "page_left_out", "b#stitch": None}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"weave": "stretch", "real": "none"}, "leaves nothing to stretch"),
        ({"min_generations": 3}, "min_generations = 3 is more than generations = 2"),
        ({"weave": "knit"}, "megadocs.weave"),
        ({"synthetic": []}, "megadocs.synthetic"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, Any], told: str) -> None:
    table = {"synthetic": ["t"], "weave": "stitch", "generations": 2, **settings}
    with pytest.raises(RecipeError, match=told):
        recipe_of({"run": {"name": "m", "dump": "D", "input": ["p"]}, "megadocs": table})
