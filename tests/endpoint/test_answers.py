"""Answers outlive whoever wrote them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.endpoint.asking import question
from tests.s3_server import ADMIN, BUCKET, S3Server, environment
from tests.waiting import wait_for
from udfs.endpoint.answers import FLUSH_ANSWERS, Answers
from udfs.endpoint.question import Answer
from udfs.reading import http_s3

SAID = Answer("Text with\nlines \u2028 and \ud83d.", "stop", "m", 10, 5)


def test_an_answer_is_found_by_a_later_reader_and_by_nobody_else(tmp_path: Path) -> None:
    answers = Answers(f"{tmp_path}/a")
    answers.add("k1", SAID, about={"style": "plain"})
    assert Answers(f"{tmp_path}/a").find("k1") == Answer(
        "Text with\nlines \u2028 and ?.", "stop", "m", 10, 5
    )  # before it is closed
    assert Answers(f"{tmp_path}/a").find("k2") is None and Answers(f"{tmp_path}/b").there == 0
    assert not (tmp_path / "b").exists()


def test_a_line_that_was_cut_short_is_none_and_the_first_answer_stays(tmp_path: Path) -> None:
    answers = Answers(str(tmp_path))
    answers.add("k1", Answer("one", "stop", "m", 1, 1), about={})
    answers.add("k1", Answer("two", "stop", "m", 1, 1), about={})
    (file,) = tmp_path.iterdir()
    with file.open("ab") as end:
        end.write(b'{"key": "k2", "text": "cut sh')
    assert (Answers(str(tmp_path)).find("k1"), Answers(str(tmp_path)).there) == (Answer("one", "stop", "m", 1, 1), 1)


def test_a_killed_writer_loses_no_answer_that_it_had(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom udfs.endpoint.answers import Answers\nfrom udfs.endpoint.question import Answer\n"
        "answers = Answers(sys.argv[1])\n"
        "for n in range(100): answers.add(str(n), Answer('x' * 5000, 'stop', 'm', 1, 1), about={})\n"
        "open(sys.argv[1] + '/ready', 'w').close()\ntime.sleep(600)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env={**os.environ, "PYTHONPATH": os.getcwd()})  # noqa: PTH109
    wait_for(lambda: (tmp_path / "ready").exists())
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert Answers(str(tmp_path)).there == 100


def test_keys_rest_on_everything_that_decides_an_answer() -> None:
    others = [
        question("another page"), question(model="b"), question(prompt="p2"), question(system="s"), question(max_tokens=51), question(nth=1),
        question(parameters={"temperature": 1}),
    ]  # fmt: skip
    assert len({one.key for one in (question(), *others)}) == 8
    assert question(parameters={"a": 1, "b": 2}).key == question(parameters={"b": 2, "a": 1}).key
    seeds = [question(nth=n, parameters={"seed": 7}).body()["seed"] for n in range(2)]
    assert seeds == [7, 8]


def test_answers_on_s3_are_found_again(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(ADMIN, endpoint=s3.endpoint).items():
        monkeypatch.setenv(name, value)
    http_s3._s3_client.cache_clear()
    folder = f"s3://{BUCKET}/answers/1"
    answers = Answers(folder)
    for n in range(FLUSH_ANSWERS + 1):
        answers.add(str(n), Answer(f"text {n}", "stop", "m", 1, 1), about={})
    assert Answers(folder).there == FLUSH_ANSWERS  # the last line waits for its neighbours
    answers.close()
    assert Answers(folder).find(str(FLUSH_ANSWERS)) == Answer(f"text {FLUSH_ANSWERS}", "stop", "m", 1, 1)
    http_s3._s3_client.cache_clear()
