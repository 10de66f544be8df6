"""Responses of a batch become answers of the run, without Spark."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from jobs.rephrase.batch import read_batch
from tests.endpoint.asking import question
from tests.endpoint.stub_server import completion
from udfs.endpoint.answers import Answers

PLACE = "0123456789ab"


def test_an_answer_with_a_separator_of_lines_in_it_is_one_line(tmp_path: Path) -> None:
    """Servers write such characters as they are, and a line ends at \\n alone."""
    said, asked = "One.\u2028Two.\x85Three.", question()
    body = json.loads(completion(asked.body(), text=said))
    row = {"custom_id": f"{PLACE}-{asked.key}", "response": {"status_code": 200, "body": body}, "error": None}
    (tmp_path / "responses.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    root = SimpleNamespace(at=lambda *parts: "/".join([str(tmp_path), *parts]))
    job = cast(Any, SimpleNamespace(root=root, settings=SimpleNamespace(model="small-1b")))
    assert read_batch(job, [str(tmp_path / "responses.jsonl")]) == (1, [])
    found = Answers(f"{tmp_path}/rephrase/answers/{PLACE}").find(asked.key)
    assert found is not None and found.text == said
