"""What is wrong with a corpus: a bad row costs itself, a bad file costs itself, and what no run can use is refused."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs import commands, main
from jobs.engine.models import fetch
from tests.runs import MODELS, markers, rows
from tests.whole_runs.corpora import write_jsonl

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

Gristmill = Callable[..., int]
FACTS = ("id", "outcome", "reason", "text", "error")


RECIPE = """
[run]
name = "bad"
dump = "BAD"
input = []
[read]
[annotate]
language_model = "{model}"
[dedup]
exact_text = true
[publish]
"""


@pytest.fixture
def gristmill(spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gristmill:
    """Run a small recipe as from a shell, but for the Spark session; return the exit code."""

    @contextmanager
    def session(master: str) -> Iterator["SparkSession"]:
        yield spark

    monkeypatch.setattr(commands, "session", session)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.format(model=fetch("lid.176.ftz", folder=MODELS).path), "utf-8")

    def run(*inputs: Path) -> int:
        arguments = ["gristmill", "run", str(recipe), "--root", str(tmp_path / "root")]
        monkeypatch.setattr(sys, "argv", arguments + [word for path in inputs for word in ("--input", str(path))])
        with pytest.raises(SystemExit) as left:
            main.main()
        return int(left.value.code or 0)

    return run


def test_a_bad_row_costs_itself_and_a_broken_file_costs_itself_and_is_retried_alone(
    gristmill: Gristmill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, root = tmp_path / "corpus", tmp_path / "root"
    corpus.mkdir()
    good, one, two = "Flour comes from the mill.", "The first text of an id.", "The second text of an id."
    lines = [{"id": "null", "text": None}, b'{"id": "latin", "text": "M\xfchle"}', b'{"id": "broken", "te', {"text": good}]
    path = write_jsonl([*lines, {"text": " \n"}, {"id": "twice", "text": one}], corpus / "a.jsonl")
    write_jsonl([{"id": "twice", "text": two}], corpus / "b.jsonl")
    broken = corpus / "c.parquet"
    broken.write_bytes(b"PAR1 and no more")
    assert gristmill(corpus) == 3

    assert f"could not be read: {broken}\n" in capsys.readouterr().err
    begins = [sum(map(len, path.read_bytes().splitlines(keepends=True)[:nth])) for nth in range(6)]
    not_utf8 = "the line is not UTF-8: 'utf-8' codec can't decode byte 0xfc in position 26: invalid start byte"
    no_json = "the line is not JSON: Unterminated string starting at: line 1 column 18 (char 17)"
    found = [tuple(row[name] for name in FACTS) for row in rows(root, "documents")]
    assert sorted(found) == sorted(
        [
            ("null", "failed", "no_text", None, "the text is null or absent"),
            (f"{path}#{begins[1]}", "failed", "invalid_utf8", None, not_utf8),
            (f"{path}#{begins[2]}", "failed", "bad_row", None, no_json),
            (f"{path}#{begins[3]}", "extracted", None, good, None),
            (f"{path}#{begins[4]}", "dropped", "empty_text", None, None),
            ("twice", "extracted", None, one, None),
            ("twice", "extracted", None, two, None),
        ]
    )
    ledger = json.loads((root / "documents/_stage.json").read_text("utf-8"))["ledger"]
    assert (ledger["in"], ledger["kept"], ledger["dropped"], ledger["failed"]) == (
        7, 2, {"empty_text": 1, "duplicate_id": 1}, {"no_text": 1, "invalid_utf8": 1, "bad_row": 1}
    )  # fmt: skip
    published = [(f"{path}#{begins[3]}", good), ("twice", one)]
    assert [(row["id"], row["text"]) for row in rows(root, "corpus")] == published

    before = markers(root)
    pq.write_table(pa.table({"id": ["late"], "text": ["It came late."]}), broken)
    assert gristmill(corpus) == 0
    work = {name: at for name, at in before.items() if name.startswith(("documents", "signals"))}
    assert {name: markers(root)[name] for name in work} == work
    assert [(row["id"], row["text"]) for row in rows(root, "corpus")] == sorted([*published, ("late", "It came late.")])


def test_a_corpus_without_the_text_column_is_refused_with_the_columns_there_are(
    gristmill: Gristmill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write_jsonl([{"text": "Words."}], tmp_path / "a.jsonl")
    other = tmp_path / "b.parquet"
    pq.write_table(pa.table({"content": ["Words."], "url": ["http://a.example/"]}), other)
    assert gristmill(good, other) == 2
    assert (
        f"gristmill: [run] input: {other} has no column 'text', and no document can be made of its rows. Its columns are content, url: "
        "name one of them as text; nothing was run\n" in capsys.readouterr().err
    )
    assert not (tmp_path / "root/plan").exists()


def test_an_input_of_which_no_file_is_a_corpus_is_refused(
    gristmill: Gristmill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"<html>")
    assert gristmill(page) == 2
    assert "neither Parquet nor JSONL (it begins with b'<htm')" in capsys.readouterr().err
    assert gristmill(tmp_path / "absent") == 2
    assert "absent: it does not exist" in capsys.readouterr().err
