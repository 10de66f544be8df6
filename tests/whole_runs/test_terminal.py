"""A user at a terminal: in a folder of their own, with a root of any name, who presses Ctrl-C and gives the same command again."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.dataset as ds
import pytest

from tests.runs import FEW_PARTITIONS, Finished
from tests.waiting import wait_for
from tests.whole_runs.command_line import CommandLine, written

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
THEIRS = ("udfs", "numpy", "json", "pyspark", "pandas", "re")  # modules of the user's own, of names that workers import


def start(folder: Path, log: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start gristmill as a terminal does: in a process group of its own, which Ctrl-C interrupts as a whole."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what is ignored here would be ignored there
    try:
        with log.open("wb") as file:
            command = [str(Path(sys.executable).parent / "gristmill"), *arguments]
            return subprocess.Popen(
                command, cwd=folder, env=os.environ | FEW_PARTITIONS, stdout=file, stderr=file, start_new_session=True
            )
    finally:
        signal.signal(signal.SIGINT, before)


def told(root: Path) -> dict[str, object]:
    """Read run.json."""
    found: dict[str, object] = json.loads((root / "run.json").read_text("utf-8"))
    return found


def test_ctrl_c_is_one_line_and_the_same_command_goes_on_with_our_own_modules(finished: Finished, tmp_path: Path) -> None:
    theirs, root, log = tmp_path / "theirs", finished.copy(tmp_path / "a [x] {b,c}*? d"), tmp_path / "log"
    theirs.mkdir()
    for name in THEIRS:
        (theirs / f"{name}.py").write_text("raise ImportError('the module of a user')\n")
    recipe = written(tmp_path / "recipe.toml", list(finished.inputs))
    line = ["run", str(recipe), "--root", str(root)]
    (root / "decisions/filter/_stage.json").unlink()

    process = start(theirs, log, *line)
    assert wait_for(lambda: process.poll() is not None or ((root / "run.json").exists() and told(root)["stage"] == "filter"))
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait() == 130, log.read_text("utf-8")
    said = log.read_text("utf-8").splitlines()
    assert said[-1] == "gristmill: interrupted; the same command goes on where it stopped"
    assert [one for one in said if one.startswith(("\tat ", "Traceback")) or "Error" in one] == []
    assert (told(root)["exit_code"], told(root)["state"]) == (130, "ended")
    assert ["ended" in json.loads(path.read_text("utf-8")) for path in sorted((root / "lease").iterdir())][-1]

    (root / "corpus/_stage.json").unlink(missing_ok=True)
    for marker in (root / "corpus/_chunks").glob("*.json"):
        marker.unlink()
    assert start(theirs, log, *line).wait() == 0, log.read_text("utf-8")
    said = log.read_text("utf-8").splitlines()
    assert said[-1] == f"  gristmill ledger {shlex.quote(str(root))}"
    assert not any("WARN" in one or "log4j" in one for one in said)  # Spark's own log is no user's
    assert ds.dataset(root / "corpus", format="parquet", partitioning="hive").count_rows() > 0


def test_a_corpus_of_no_documents_can_be_read_and_goes_when_there_are_some(
    finished: Finished, tmp_path: Path, spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    gristmill, root = CommandLine(spark, monkeypatch), finished.copy(tmp_path / "root")
    recipe = written(tmp_path / "recipe.toml", list(finished.inputs))
    full = recipe.read_text("utf-8")
    recipe.write_text(full.replace('keep   = "language_score > 0.65"', 'keep   = "language_score > 2"'), "utf-8")
    whole = ds.dataset(root / "corpus", format="parquet", partitioning="hive").to_table()
    assert gristmill("run", str(recipe), "--root", str(root)) == 0
    empty = ds.dataset(root / "corpus", format="parquet", partitioning="hive").to_table()
    assert (empty.num_rows, empty.drop_columns("chunk").schema.names) == (0, whole.drop_columns("chunk").schema.names)
    assert spark.read.parquet(str(root / "corpus")).count() == 0

    recipe.write_text(full, "utf-8")
    assert gristmill("run", str(recipe), "--root", str(root)) == 0
    again = ds.dataset(root / "corpus", format="parquet", partitioning="hive").to_table()
    assert (again.num_rows, sorted(set(again["language"].to_pylist()))) == (
        whole.num_rows,
        sorted(set(whole["language"].to_pylist())),
    )
    assert not list((root / "corpus").glob("dump=*/language=und"))
