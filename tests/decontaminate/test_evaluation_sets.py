"""Evaluation sets in a recipe and on disk: what cannot be meant or read is refused before any work."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.decontaminate.evaluation_sets import index_of, read_set
from jobs.decontaminate.item_fields import protected_texts
from jobs.decontaminate.settings import Decontaminate, EvaluationSet
from jobs.engine.errors import RecipeError
from jobs.recipe.load import recipe_of
from udfs.grams.protected import Item, Protected

BASE: dict[str, Any] = {"run": {"name": "a", "dump": "D", "input": ["x"]}}
SET = {"name": "s", "uri": "s.jsonl", "question": "q"}
QUESTION = "how many wheels does the old mill by the river have in the spring"
ROWS: list[dict[str, Any]] = [{"q": QUESTION, "a": "four", "n": 7}, {"q": "Who?", "a": None}]


def a_set(path: Path, **keys: Any) -> EvaluationSet:
    return EvaluationSet.model_validate({**SET, "uri": str(path), **keys})


def written(path: Path, rows: list[dict[str, Any]] = ROWS) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({}, "decontaminate.set: required, but not given"),
        ({"set": []}, "it would find nothing. Add [[decontaminate.set]]"),
        ({"set": [SET, SET]}, "two sets have the name 's'"),
        ({"set": [SET], "action": "keep"}, "'drop', 'cut' or 'mark'"),
        ({"set": [SET], "ngram": 2}, "greater than or equal to 4"),
        ({"set": [{**SET, "question": "a b"}]}, "is no field"),
        ({"set": [{**SET, "pattern": "Question: .*"}]}, "has no group"),
        ({"set": [{**SET, "pattern": "("}]}, "is no regular expression"),
        ({"set": [{**SET, "sha256": "abc"}]}, "should match pattern"),
        ({"set": [{**SET, "anser": "a"}]}, "did you mean 'answer'?"),
    ],
)
def test_a_section_that_cannot_be_meant_is_refused(section: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match="fault") as refused:
        recipe_of({**BASE, "decontaminate": section})
    assert said in str(refused.value)


@pytest.mark.parametrize("kind", ["jsonl", "gz", "parquet"])
def test_jsonl_and_parquet_give_the_same_items(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / "s.jsonl")
    if kind == "gz":
        path = tmp_path / "s.jsonl.gz"
        path.write_bytes(gzip.compress((tmp_path / "s.jsonl").read_bytes()))
    if kind == "parquet":
        path = tmp_path / "s.parquet"
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    pinned = hashlib.sha256(path.read_bytes()).hexdigest()
    found = read_set(a_set(path, sha256=pinned, answer="a"))
    assert found.sha256 == pinned
    assert [(row["q"], row["a"], row.get("n")) for row in found.rows] == [(QUESTION, "four", 7), ("Who?", None, None)]


@pytest.mark.parametrize(
    ("content", "keys", "said"),
    [
        (None, {}, "cannot be read"),
        (b"", {}, "is empty: it would protect nothing"),
        (b"\n \n", {}, "is empty: it would protect nothing"),
        (b'{"q": "x"}\n{"q": \n', {}, "the line at byte 11: the line is not JSON"),
        (b'["x"]\n', {}, "holds no JSON object"),
        (gzip.compress(b'{"q": "x"}\n' * 99)[:-20], {}, "cannot be decompressed"),
        (b"PAR1 and no more", {}, "is no evaluation set"),
        (b'{"text": "x", "label": 1}\n', {}, "no item has 'q'; nothing was run. Its fields: text, label"),
        (b'{"q": "x"}\n', {"answer": "choices[gold]", "id": "i"}, "no item has 'choices[gold]', 'i'"),
        (b'{"q": "x"}\n', {"sha256": "0" * 64}, "it is damaged or another version"),
    ],
)
def test_a_set_that_cannot_be_used_is_refused_and_named(
    tmp_path: Path, content: bytes | None, keys: dict[str, Any], said: str
) -> None:
    path = tmp_path / "s.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecipeError) as refused:
        read_set(a_set(path, **keys))
    assert said in str(refused.value) and "'s'" in str(refused.value) and "nothing was run" in str(refused.value)


def test_a_set_without_one_item_that_can_be_protected_is_refused(tmp_path: Path) -> None:
    one = a_set(written(tmp_path / "s.jsonl", [{"q": "How many?"}]))
    with pytest.raises(RecipeError, match="none of its 1 items can be protected"):
        index_of([read_set(one)], Decontaminate(set=(one,)))


def test_an_index_over_its_limit_is_refused(tmp_path: Path) -> None:
    one = a_set(written(tmp_path / "s.jsonl", [{"q": " ".join(map(str, range(60_000)))}]))
    with pytest.raises(RecipeError, match="over max_index_mb = 1"):
        index_of([read_set(one)], Decontaminate(set=(one,), max_index_mb=1))


def test_items_are_named_by_their_id_or_their_row_and_those_without_a_question_protect_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "s.jsonl", [*ROWS, {"q": f"{QUESTION} of that year", "n": "x"}])
    by_id, by_row = a_set(path, id="n"), a_set(path, name="t")
    index = index_of([read_set(by_id), read_set(by_row)], Decontaminate(set=(by_id, by_row)))
    assert [item for item in index.item_names if item.set == "s"] == [Item("s", "7"), Item("s", "1"), Item("s", "x")]
    assert [index.item_names[number] for number in index.items.tolist()] == [
        Item("s", "7"),
        Item("s", "x"),
        Item("t", "0"),
        Item("t", "2"),
    ]


def test_an_items_texts_are_question_answer_and_each_of_the_others() -> None:
    row = {"d": {"q": "Question: Why?\nAnswer:"}, "choices": ["so", "not so"], "gold": 1, "passage": ["One.", "", "Two."]}
    keys = {"question": "d.q", "pattern": "Question: (.*)", "answer": "choices[gold]", "also": ["passage", "absent"]}
    assert list(protected_texts(row, EvaluationSet.model_validate({**SET, **keys}), item=3)) == [
        Protected(3, "d.q", "Why?", "not so"),
        Protected(3, "choices[gold]", "not so"),
        Protected(3, "passage", "One."),
        Protected(3, "passage", "Two."),
    ]
