"""Drafts of sections for the files of a folder, which are read again as they are."""

import json
import tomllib
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.decontaminate.draft import drafts, guessed, main
from jobs.decontaminate.evaluation_sets import read_set
from jobs.decontaminate.settings import Decontaminate


def test_each_file_of_a_folder_gives_a_section_that_can_be_read_and_a_broken_one_a_comment(tmp_path: Path) -> None:
    (tmp_path / "mills.jsonl").write_text('{"question": "How many?", "options": ["two", "four"], "gold": 1}\n', "utf-8")
    (tmp_path / "corn.jsonl").write_text('{"prompt": "Who?", "answer": "the miller", "of": 1}\n', "utf-8")
    (tmp_path / "empty.jsonl").write_text("", "utf-8")
    (tmp_path / "notes.txt").write_text("none", "utf-8")
    corn, empty, mills = drafts(tmp_path)
    assert empty.startswith(f"# {tmp_path}/empty.jsonl is empty")
    read = Decontaminate.model_validate(tomllib.loads(f"{corn}\n{mills}")["decontaminate"] | {"min_words": 4})
    assert [(one.name, one.question, one.answer) for one in read.set] == [
        ("corn", "prompt", "answer"),
        ("mills", "question", "options[gold]"),
    ]
    assert [read_set(one).names for one in read.set] == [("0",), ("0",)]
    assert "# 1 items, 0 can be protected; fields: prompt, answer, of" in corn


def test_the_files_of_a_package_of_sets_have_names_of_their_own_and_can_be_protected(tmp_path: Path) -> None:
    hard = tmp_path / 'the "mills"' / "hard"
    easy = tmp_path / 'the "mills"' / "easy"
    items = pa.table(
        {
            "question": ["Who grinds the corn?"],
            "choices": [{"text": ["a cook", "the miller"], "label": ["1", "2"]}],
            "answerKey": ["2"],
        }
    )
    for folder in (hard, easy):
        folder.mkdir(parents=True)
        (folder / "state.json").write_text("{}", "utf-8")
        with pa.ipc.new_stream(str(folder / "data-00000-of-00001.arrow"), items.schema) as writer:
            writer.write_table(items)
    doc = {
        "label": 0,
        "doc": {"question": "effect", "premise": "The old mill turns.", "choices": ["Corn is ground."], "gold": 0},
    }
    (tmp_path / "turns").mkdir()
    (tmp_path / "turns" / "requests.jsonl").write_text(json.dumps(doc) + "\n", "utf-8")
    (tmp_path / "turns.jsonl").write_text('{"passage": "none"}\n', "utf-8")
    found = list(drafts(tmp_path))
    assert found[3].endswith("turns.jsonl: 1 items, and no field that looks like a question; fields: passage")
    read = Decontaminate.model_validate(tomllib.loads("\n".join(found))["decontaminate"])
    assert [(one.name, one.question, one.answer) for one in read.set] == [
        ("the_mills_.easy", "question", "choices.text[answerKey]"),
        ("the_mills_.hard", "question", "choices.text[answerKey]"),
        ("turns", "doc.premise", "doc.choices[doc.gold]"),
    ]
    assert all("# 1 items, 1 can be protected; " in one for one in found[:3])


def test_a_number_that_is_an_answer_does_not_choose_one() -> None:
    rows = [{"query": "What is it?", "choices": ["one way to say it"], "answer": answer} for answer in ("7", "0", "x = 2")]
    assert guessed(rows) == {"question": "query", "answer": "answer"}


@pytest.mark.parametrize("arguments", [[], ["no-such-folder"], ["a", "b"]])
def test_a_folder_that_is_not_there_is_one_line(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="name one folder that is there"):
        main(arguments)
