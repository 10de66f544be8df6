"""What models are measured by: texts drawn by hash, and the search for them and for items in training text."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.testbed.measures import read_measures, search
from jobs.testbed.settings import Compare
from tests.testbed.tiny import write_jsonl

QUESTION = "Which of the two rivers that meet below the old mill carries more water in a dry summer"
HELD = "The miller counted nine sacks of barley, three of rye and one of oats before the rain began to fall on the yard."


def settings(folder: Path, *, max_bytes: int = 1000) -> Compare:
    texts: list[dict[str, Any]] = [
        {"text": HELD},
        *({"text": f"Another text of this number: {number}."} for number in range(20)),
        {"text": None},
    ]
    short: dict[str, Any] = {"query": "What falls on the yard?", "choices": ["rain", "hail"], "gold": 0}
    items = [{"query": QUESTION, "choices": ["the Lauter", "the Ahr"], "gold": 0}, short]
    held = write_jsonl(folder / "held.jsonl", texts)
    task = write_jsonl(folder / "task.jsonl", items)
    return Compare.model_validate_json(
        json.dumps(
            {
                "name": "a",
                "training": {"tokens": 1},
                "arms": [{"name": "a", "corpus": ["a.jsonl"]}],
                "held_out": [{"name": "held", "uri": str(held), "web": False, "max_bytes": max_bytes}],
                "tasks": [{"name": "rivers", "uri": str(task), "max_items": 1}],
            }
        )
    )


def test_a_document_that_holds_a_held_out_text_or_any_item_is_named_by_it(tmp_path: Path) -> None:
    holds = search(read_measures(settings(tmp_path)))
    assert holds(f"Some words before. {HELD} And some behind.") == "held"
    assert holds(f"An exam asked this: {QUESTION.upper()}?") == "rivers"
    assert holds("They asked: what falls on the yard? Rain, of course.") == "rivers"  # not asked of models, and yet left out
    assert holds("They asked: what falls on the yard? Hail, of course.") is None
    assert holds("The miller counted nine sacks of barley, and then he went home.") is None


def test_texts_are_drawn_by_their_hash_up_to_a_number_of_bytes(tmp_path: Path) -> None:
    whole, part = (read_measures(settings(tmp_path, max_bytes=size)) for size in (100_000, 100))
    assert (
        len(whole.held_out[0].texts) == 21 and part.held_out[0].texts == whole.held_out[0].texts[: len(part.held_out[0].texts)]
    )
    assert 100 <= sum(map(len, part.held_out[0].texts)) < 100 + len(HELD)
    assert whole.sha256().keys() == {"text held", "task rivers"} and whole.sha256()["text held"] != part.sha256()["text held"]
    assert len(whole.tasks[0].asked) == 1 and len(whole.tasks[0].task.items) == 2


def test_a_file_without_a_text_or_without_the_column_is_refused(tmp_path: Path) -> None:
    given = settings(tmp_path)
    write_jsonl(tmp_path / "held.jsonl", [{"text": None}])
    with pytest.raises(RecipeError, match=r"\[\[compare.held_out\]\] 'held': .* has no text"):
        read_measures(given)
    write_jsonl(tmp_path / "held.jsonl", [{"body": "a"}])
    with pytest.raises(RecipeError, match=r"\[\[compare.held_out\]\] 'held': .* cannot be read: .*text"):
        read_measures(given)
