"""A file that cannot be read costs itself: it is read again by each run, and nothing else is touched."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.runs import Finished, digest
from tests.whole_runs.command_line import CommandLine, written

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
AFTER = ("annotate", "filter", "dedup", "publish", "report")


def times(root: Path) -> dict[str, int]:
    """Say when every file was written that a stage after the source left, and the report."""
    folders = ("signals", "decisions", "dedup", "corpus", "report.html", "report.json")
    found = [path for name in folders for path in (root / name, *(root / name).rglob("*"))]
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in found if path.is_file()}


def new(now: dict[str, set[int]], before: dict[str, set[int]]) -> set[int]:
    """Return the Spark jobs that were not there before; Spark forgets old ones, such as those of other tests, as new ones come."""
    return {job for jobs in now.values() for job in jobs} - {job for jobs in before.values() for job in jobs}


def json_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_a_broken_file_is_read_again_by_each_run_and_touches_nothing_else(
    spark: "SparkSession",
    finished: Finished,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = tmp_path / "broken.warc.gz"
    broken.write_bytes(b"this is no WARC at all\n" * 50)
    root = finished.copy(tmp_path / "root")
    recipe = written(tmp_path / "recipe.toml", [*finished.inputs, broken])
    gristmill = CommandLine(spark, monkeypatch)
    tables, decided = times(root), gristmill.jobs(*AFTER[:-1])
    assert gristmill("run", str(recipe), "--root", str(root)) == 3  # the first run writes the report, and nothing else
    before, seen = times(root), gristmill.jobs(*AFTER)
    assert (new(gristmill.jobs(*AFTER[:-1]), decided), {name: before.get(name) for name in tables}) == (set(), tables)
    assert set(before) - set(tables) == {"report.html", "report.json"}
    for attempt in (2, 3):
        source = gristmill.jobs("extract")
        capsys.readouterr()
        assert gristmill("run", str(recipe), "--root", str(root)) == 3
        assert f"could not be read: {broken}\n" in capsys.readouterr().err
        assert new(gristmill.jobs("extract"), source)
        assert (new(gristmill.jobs(*AFTER), seen), times(root)) == (set(), before)
        assert sorted(path.name for path in (root / "plan").glob("*.json")) == [f"0000{n}.json" for n in range(4)]
        (planned,) = json_of(root / "plan/00003.json")["files"]
        assert (planned["file_path"], planned["attempt"]) == (str(broken), attempt)
        told = json_of(root / "run.json")
        assert [stage["stage"] for stage in told["stages"] if not stage["finished_before"]] == ["extract"]
        assert (told["exit_code"], told["failed_files"]) == (3, [str(broken)])
    assert digest(root) == digest(finished.root)
