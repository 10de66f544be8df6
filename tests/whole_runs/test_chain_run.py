"""A chain over tiny corpora: each recipe in its root, what is finished is found finished, and a fault ends it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs import chain, commands
from tests.runs import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

RECIPE = '[run]\nname = "{name}"\ndump = "D"\ninput = {given}\n\n[read]\n\n[annotate]\nline_edits = "none"\npii = false\n'


@pytest.fixture
def one_session(spark: "SparkSession", monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def session(master: str) -> "Iterator[SparkSession]":
        yield spark

    monkeypatch.setattr(commands, "session", session)


def write(folder: Path, name: str, given: list[str]) -> str:
    path = folder / f"{name}.toml"
    path.write_text(RECIPE.format(name=name, given=json.dumps(given)), "utf-8")
    return str(path)


@pytest.mark.usefixtures("one_session")
def test_a_chain_runs_each_recipe_in_its_root_and_goes_on_after_a_file_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, broken = tmp_path / "corpus.jsonl", tmp_path / "broken.parquet"
    corpus.write_text("".join(json.dumps({"id": str(n), "text": f"page {n}"}) + "\n" for n in range(3)), "utf-8")
    broken.write_bytes(b"no Parquet")
    paths = [
        write(tmp_path, "first", [str(corpus), str(broken)]),
        write(tmp_path, "second", ["chain:first"]),
    ]
    folder = str(tmp_path / "out")
    assert chain.run_chain(paths, folder=folder, overrides={}, master="") == 3
    assert [row["id"] for row in rows(tmp_path / "out/second", "corpus")] == ["0", "1", "2"]
    assert json.loads((tmp_path / "out/first/run.json").read_text())["exit_code"] == 3
    assert json.loads((tmp_path / "out/second/run.json").read_text())["exit_code"] == 0
    capsys.readouterr()
    assert chain.run_chain([paths[1]], folder=folder, overrides={}, master="") == 0
    assert capsys.readouterr().err.count("finished before") == 5
