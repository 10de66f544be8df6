"""Drafts of sections for the files of a folder, which are read again as they are."""

import tomllib
from pathlib import Path

from jobs.decontaminate.draft import drafts
from jobs.decontaminate.evaluation_sets import read_set
from jobs.decontaminate.settings import Decontaminate


def test_each_file_of_a_folder_gives_a_section_that_can_be_read_and_a_broken_one_a_comment(tmp_path: Path) -> None:
    (tmp_path / "mills.jsonl").write_text('{"question": "How many?", "options": ["two", "four"], "gold": 1}\n', "utf-8")
    (tmp_path / "corn.jsonl").write_text('{"prompt": "Who?", "answer": "the miller", "of": 1}\n', "utf-8")
    (tmp_path / "empty.jsonl").write_text("", "utf-8")
    (tmp_path / "notes.txt").write_text("none", "utf-8")
    corn, empty, mills = drafts(tmp_path)
    assert empty.startswith("# empty.jsonl is empty")
    read = Decontaminate.model_validate(tomllib.loads(f"{corn}\n{mills}")["decontaminate"] | {"min_words": 4})
    assert [(one.name, one.question, one.answer) for one in read.set] == [
        ("corn", "prompt", "answer"),
        ("mills", "question", "options[gold]"),
    ]
    assert [len(read_set(one).rows) for one in read.set] == [1, 1]
    assert "# 1 items; fields: prompt, answer, of" in corn
