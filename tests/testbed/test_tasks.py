"""Tests of evaluation tasks: forms, pins, refusals, examples before an item."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from udfs.testbed.tasks import ExactItem, Item, SchemaItem, Task, TaskError, prompts, read_task

CHOICES = {"query": "Question: Where do fish live?\n", "choices": ["in trees", "in water"], "gold": 1}
SCHEMA = {"context_options": ["The cup fell as the cup", "The cup fell as the desk"], "continuation": "shook.", "gold": 1}
EXACT = {"context": "Three and four are", "continuation": "seven", "category": "sums"}


def _file(folder: Path, *rows: Any) -> str:
    path = folder / "task.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    "row, item, baseline",
    [
        (CHOICES, Item("Question: Where do fish live?\n", ("in trees", "in water"), 1), 0.5),
        (SCHEMA, SchemaItem(("The cup fell as the cup", "The cup fell as the desk"), "shook.", 1), 0.5),
        (EXACT, ExactItem("Three and four are", "seven"), 0.0),
    ],
    ids=["choices", "schema", "exact"],
)
def test_each_form_is_read_as_what_it_is(tmp_path: Path, row: Any, item: object, baseline: float) -> None:
    task = read_task("one", _file(tmp_path, row))
    assert (task.items, task.baseline) == ((item,), baseline)


def test_a_pinned_gzip_file_is_read_and_another_pin_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "task.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(CHOICES).encode()))
    pin = hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_task("fish", str(path), sha256=pin).sha256 == pin
    with pytest.raises(TaskError, match="damaged or another version"):
        read_task("fish", str(path), sha256="0" * 64)


@pytest.mark.parametrize(
    "rows, said",
    [
        ([], "no items"),
        ([CHOICES, EXACT], "items of several forms"),
        ([{"question": "?", "answer": "!"}], "its keys are question, answer"),
        ([[1, 2]], "its keys are none"),
        ([{**CHOICES, "gold": 2}], "gold is 2"),
        ([{**CHOICES, "gold": True}], "gold is True"),
        ([{**CHOICES, "choices": ["one"]}], "two texts or more"),
        ([{**CHOICES, "choices": ["one", None]}], "two texts or more"),
        ([{**EXACT, "continuation": ""}], "continuation is no text"),
    ],
    ids=["empty", "mixed", "unknown", "list", "gold", "true", "one", "null", "nothing"],
)
def test_what_is_no_task_is_refused_with_the_reason(tmp_path: Path, rows: list[Any], said: str) -> None:
    with pytest.raises(TaskError, match=said):
        read_task("bad", _file(tmp_path, *rows))


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe{}", b"\x1f\x8bno gzip"], ids=["json", "utf8", "gzip"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "task").write_bytes(content)
    with pytest.raises(TaskError):
        read_task("bad", str(tmp_path / "task"))
    with pytest.raises(TaskError, match="cannot be read"):
        read_task("absent", str(tmp_path / "absent"))


SUMS = Task("sums", "", tuple(ExactItem(f"{n} and one are ", str(n + 1)) for n in range(50)))


def test_an_item_never_stands_before_itself_and_its_examples_differ() -> None:
    for place, item in enumerate(prompts(SUMS, shots=49)):
        assert isinstance(item, ExactItem)
        *before, asked = item.context.split("\n\n")
        assert asked == f"{place} and one are" and item.continuation == f" {place + 1}"
        assert sorted(before) == sorted(f"{n} and one are {n + 1}" for n in range(50) if n != place)


def test_examples_and_the_items_asked_go_by_the_seed_alone() -> None:
    assert prompts(SUMS, shots=3, most=7, seed=1) == prompts(SUMS, shots=3, most=7, seed=1)
    assert prompts(SUMS, shots=3, most=7, seed=1) != prompts(SUMS, shots=3, most=7, seed=2)
    assert len(prompts(SUMS, most=7)) == 7 and set(prompts(SUMS, most=7)) < set(prompts(SUMS))


def test_the_right_context_of_a_schema_stands_in_its_example() -> None:
    two = Task("schemas", "", (SchemaItem(("a", "b"), "c.", 1), SchemaItem(("d", "e"), "f.", 0)))
    assert prompts(two, shots=1)[1] == SchemaItem(("b c.\n\nd", "b c.\n\ne"), " f.", 0)


@pytest.mark.parametrize("shots", [-1, 50])
def test_more_examples_than_other_items_are_refused(shots: int) -> None:
    with pytest.raises(TaskError, match="50 items"):
        prompts(SUMS, shots=shots)


@pytest.mark.real
def test_the_published_sets_are_read_whole(shared_data: Path) -> None:
    found = {
        name: read_task(name, str(shared_data / "eval" / f"{name}.jsonl.gz"))
        for name in ("arc_easy", "winogrande", "jeopardy_all")
    }
    assert {name: (len(task.items), type(task.items[0]).__name__) for name, task in found.items()} == {
        "arc_easy": (2376, "Item"),
        "winogrande": (1267, "SchemaItem"),
        "jeopardy_all": (2117, "ExactItem"),
    }
    assert found["winogrande"].baseline == 0.5 and abs(found["arc_easy"].baseline - 0.25) < 0.001
