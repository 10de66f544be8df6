"""Evaluation sets in a recipe and on disk: what cannot be meant or read is refused before any work."""

import gzip
import hashlib
import json
import math
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.decontaminate.evaluation_sets import index_of, read_set
from jobs.decontaminate.item_fields import protected_texts, texts_of
from jobs.decontaminate.item_files import open_items
from jobs.decontaminate.settings import Decontaminate, EvaluationSet
from jobs.engine.errors import RecipeError
from jobs.recipe.load import recipe_of
from udfs.grams.protected import Item, Protected
from udfs.grams.shared_runs import held_texts

BASE: dict[str, Any] = {"run": {"name": "a", "dump": "D", "input": ["x"]}}
SET = {"name": "s", "uri": "s.jsonl", "question": "q"}
QUESTION = "how many wheels does the old mill by the river have in the spring"
ROWS: list[dict[str, Any]] = [{"q": QUESTION, "a": "four", "n": 7}, {"q": "Who?", "a": None}]


def a_set(path: Path, **keys: Any) -> EvaluationSet:
    return EvaluationSet.model_validate({**SET, "uri": str(path), **keys})


def write_arrow(path: Path, batches: list[list[dict[str, Any]]]) -> None:
    """Write Arrow's stream format; or the file format, if the name says feather."""
    tables = [pa.RecordBatch.from_pylist(rows, schema=pa.Table.from_pylist(batches[0]).schema) for rows in batches]
    new = pa.ipc.new_file if path.suffix == ".feather" else pa.ipc.new_stream
    with new(str(path), tables[0].schema) as writer:
        for table in tables:
            writer.write_batch(table)


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
        ({"set": [{**SET, "ngrams_of": ["question", "overlap"]}]}, "no answer is named that a question could overlap"),
        ({"set": [{**SET, "ngrams_of": ["answer"]}]}, "so nothing would be found. Name answer"),
        ({"set": [{**SET, "ngrams_of": []}]}, "at least 1 item"),
        ({"set": [{**SET, "sha256": "abc"}]}, "should match pattern"),
        ({"set": [{**SET, "anser": "a"}]}, "did you mean 'answer'?"),
    ],
)
def test_a_section_that_cannot_be_meant_is_refused(section: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match="fault") as refused:
        recipe_of({**BASE, "decontaminate": section})
    assert said in str(refused.value)


@pytest.mark.parametrize("kind", ["jsonl", "gz", "parquet", "arrow", "feather"])
def test_jsonl_parquet_and_arrow_give_the_same_items(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / "s.jsonl")
    if kind == "gz":
        path = tmp_path / "s.jsonl.gz"
        path.write_bytes(gzip.compress((tmp_path / "s.jsonl").read_bytes()))
    if kind == "parquet":
        path = tmp_path / "s.parquet"
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    if kind in ("arrow", "feather"):
        path = tmp_path / f"s.{kind}"
        write_arrow(path, [ROWS[:1], ROWS[1:]])
    pinned = hashlib.sha256(path.read_bytes()).hexdigest()
    with open_items(str(path), where="here") as items:
        assert items.sha256 == pinned
        rows = [(row["q"], row["a"], row.get("n")) for row in items.rows]
    assert rows == [(QUESTION, "four", 7), ("Who?", None, None)]
    found = read_set(a_set(path, sha256=pinned, answer="a", id="n"))
    assert (found.sha256, found.names) == (pinned, ("7", "1"))
    assert [(text.item, text.text) for text in found.texts] == [(0, QUESTION), (0, "four"), (1, "Who?")]


def test_a_file_is_read_batch_by_batch(tmp_path: Path) -> None:
    rows = [{"q": f"{number} " + "x" * 10_000} for number in range(100)]
    for path in (tmp_path / "s.arrow", tmp_path / "s.feather"):
        write_arrow(path, [rows] * 30)
        tracemalloc.start()  # Arrow reads a Python file into Python's bytes
        before, most = pa.total_allocated_bytes(), 0
        with open_items(str(path), where="here") as items:
            for _ in items.rows:
                most = max(most, pa.total_allocated_bytes() - before)
        most += tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert path.stat().st_size > 30_000_000
        assert most < 10_000_000


def test_an_arrow_stream_that_breaks_off_is_refused_wherever_it_does(tmp_path: Path) -> None:
    path = tmp_path / "s.arrow"
    write_arrow(path, [ROWS[:1], ROWS[1:]])
    whole = path.read_bytes()
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(RecipeError, match=r"'s'.* is no evaluation set: "):
            read_set(a_set(path))


@pytest.mark.parametrize(
    ("content", "keys", "said"),
    [
        (None, {}, "cannot be read"),
        (b"ARROW1 and no more", {}, "is no evaluation set"),
        (b"\xff\xff\xff\xff and no more", {}, "is no evaluation set"),
        (b"", {}, "is empty: it would protect nothing"),
        (b"\n \n", {}, "is empty: it would protect nothing"),
        (b'{"q": "x"}\n{"q": \n', {}, "the line at byte 11: the line is not JSON"),
        (b'["x"]\n', {}, "holds no JSON object"),
        (gzip.compress(b'{"q": "x"}\n' * 99, mtime=0)[:-20], {}, "cannot be decompressed"),
        (b"PAR1 and no more", {}, "is no evaluation set"),
        (b"q,a\nx,y\n", {"uri": "s.csv"}, "its first bytes are of no format known; nothing was run. Name one file"),
        (b'{"text": "x", "label": 1}\n', {}, "no item has a text in 'q'; nothing was run. Its fields: text, label"),
        (b'{"q": "x", "a": true}\n', {"answer": "a"}, "no item has a text in 'a'; nothing was run. Its fields: q, a"),
        (b'{"q": "x"}\n', {"answer": "choices[gold]", "id": "i"}, "no item has a text in 'choices[gold]', 'i'"),
        (b'{"q": "x"}\n{"q": "y"}\n', {"pattern": "Question: (.*)"}, "fits none of 2 questions, so their frames would stay"),
        (b'{"q": "x"}\n', {"sha256": "0" * 64}, "it is damaged or another version"),
    ],
)
def test_a_set_that_cannot_be_used_is_refused_and_named(
    tmp_path: Path, content: bytes | None, keys: dict[str, Any], said: str
) -> None:
    path = tmp_path / keys.get("uri", "s.jsonl")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecipeError) as refused:
        read_set(a_set(path, **keys | {"uri": str(path)}))
    assert said in str(refused.value) and "'s'" in str(refused.value) and "nothing was run" in str(refused.value)


def test_a_folder_is_no_set_and_the_message_asks_for_no_warc(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as refused:
        read_set(a_set(tmp_path))
    assert str(refused.value).endswith("it is a folder; nothing was run. Name one file in Parquet, JSONL or Arrow's IPC format")


def test_a_pattern_that_fits_one_question_is_enough(tmp_path: Path) -> None:
    path = written(tmp_path / "s.jsonl", [{"q": QUESTION}, {"q": f"Question: {QUESTION} of that year Answer:"}])
    found = read_set(a_set(path, pattern="Question: (.*) Answer:"))
    assert [text.text for text in found.texts] == [QUESTION, f"{QUESTION} of that year"]


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


def test_a_set_is_over_the_limit_before_all_of_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "s.jsonl", [{"q": f"{number} {QUESTION}"} for number in range(3_000)])
    with path.open("a") as file:
        file.write("no item\n")
    with pytest.raises(RecipeError, match="over max_index_mb = 1"):
        read_set(a_set(path), max_index_mb=1)
    with pytest.raises(RecipeError, match="is not JSON"):
        read_set(a_set(path), max_index_mb=2)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (0, ["so"]),
        ("1", ["not so"]),
        ("B", ["not so"]),
        (1.0, ["not so"]),
        ("²", []),
        ("9" * 5000, []),
        (None, []),
        (-1, []),
        ("C", []),
    ],
)
def test_the_element_of_a_list_is_named_by_number_or_letter(chosen: Any, found: list[str]) -> None:
    assert texts_of({"choices": ["so", "not so"], "gold": chosen}, "choices[gold]") == found


def test_labels_beside_a_list_go_before_numbers() -> None:
    row = {"choices": {"text": ["so", "not so"], "label": ["1", "2"]}, "key": "1", "no": "7"}
    assert texts_of(row, "choices.text[key]") == ["so"]
    assert texts_of(row, "choices.text[no]") == []


def test_numbers_that_are_none_are_no_text() -> None:
    assert texts_of({"q": [math.nan, math.inf, 7, True, None]}, "q") == ["7"]


def test_a_short_question_is_protected_with_each_of_its_answers_and_a_long_one_once(tmp_path: Path) -> None:
    rows = [{"q": "Who grinds the corn?", "a": ["the miller", "a mill", "the miller"]}, {"q": QUESTION, "a": ["four", "4"]}]
    one = a_set(written(tmp_path / "s.jsonl", rows), answer="a")
    index = index_of([read_set(one)], Decontaminate(set=(one,)))
    assert index.items[index.sought].tolist() == [0, 0, 1]
    for said in ("the miller", "a mill"):
        (held,) = held_texts(f"So: who grinds the corn? {said} does.", index)
        assert index.items[held.text] == 0
    assert held_texts("who grinds the corn? a cook", index) == []


def test_the_ngrams_of_a_set_are_those_that_it_names(tmp_path: Path) -> None:
    """Of A B C D E and F G H I J, the example of datatrove's NGramsDecontConfig with four words."""
    item = {"q": "A B C D E", "a": "F G H I J"}
    question, answer = {"a b c d", "b c d e"}, {"f g h i", "g h i j"}
    overlap = {"c d e f", "d e f g", "e f g h"}
    every = {" ".join("abcdefghij"[at : at + 4]) for at in range(7)}
    for names, found in (
        (["question", "answer"], question | answer),
        (["answer"], answer),
        (["answer", "overlap"], answer | overlap),  # datatrove's default
        (["overlap"], overlap),
        (["question", "answer", "overlap"], every),
    ):
        one = a_set(written(tmp_path / "s.jsonl", [item]), answer="a", ngrams_of=names)
        settings = Decontaminate(set=(one,), ngram=4, min_share=1e-6)
        index = index_of([read_set(one, ngram=4)], settings)
        assert {gram for gram in every if held_texts(f"x {gram} x", index)} == found


def test_what_overlaps_is_cut_by_words_and_a_short_side_is_taken_whole() -> None:
    def across(question: str, answer: str | list[str], ngram: int) -> list[str]:
        one = EvaluationSet.model_validate({**SET, "answer": "a", "ngrams_of": ["overlap"]})
        return [text.text for text in protected_texts({"q": question, "a": answer}, one, item=0, ngram=ngram)]

    assert across("What's cafe\u0301, \u6c34\u8eca?", "A mill: it grinds.", 4) == ["cafe\u0301, \u6c34\u8eca? A mill: it"]
    assert across("Why?", ["so", "not so"], 13) == ["Why? so", "Why? not so"]
    assert across("", "so", 13) == [] and across("?!", "so", 13) == [" so"]


def test_a_row_that_says_the_same_as_an_earlier_one_is_no_item(tmp_path: Path) -> None:
    other = {"q": f"{QUESTION} of that year", "n": 1}
    one = a_set(
        written(tmp_path / "s.jsonl", [{"q": QUESTION, "n": number} for number in range(200)] + [other, {"n": 2}, {"n": 3}])
    )
    read = read_set(one)
    assert read.names == ("0", "200", "201", "202")
    index = index_of([read], Decontaminate(set=(one,), max_items=2))
    assert [index.item_names[index.items[held.text]].name for held in held_texts(QUESTION, index)] == ["0", "200"]


def test_an_items_texts_are_question_answer_and_each_of_the_others() -> None:
    row = {"d": {"q": "Question: Why?\nAnswer:"}, "choices": ["so", "not so"], "gold": 1, "passage": ["One.", "", "Two."]}
    keys = {"question": "d.q", "pattern": "Question: (.*)", "answer": "choices[gold]", "also": ["passage", "absent"]}
    assert list(protected_texts(row, EvaluationSet.model_validate({**SET, **keys}), item=3, ngram=4)) == [
        Protected(3, "d.q", "Why?", "not so"),
        Protected(3, "choices[gold]", "not so"),
        Protected(3, "passage", "One."),
        Protected(3, "passage", "Two."),
    ]
