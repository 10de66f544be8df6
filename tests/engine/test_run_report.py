"""run.json: what a scheduler reads of a run, whatever way it ended, and the exit code that spark-submit passes on."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from jobs import commands
from jobs.classifier.examples import TrainError
from jobs.engine.errors import AlarmError, LedgerError, RecipeError
from jobs.engine.machine import NoJavaError
from jobs.engine.models import ModelError, fetch
from jobs.engine.root import Root
from jobs.engine.run_report import MEANINGS, exit_code, reported
from jobs.engine.session import FEW_ROWS, SHORT_JOBS
from jobs.main import main
from tests.runs import MODELS, PROJECT, signal_files, tiny
from tests.waiting import PATIENCE_S
from udfs.reading.location import LocationError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STAGES = ["extract", "annotate", "filter", "dedup", "publish"]


def test_every_error_that_can_be_foreseen_has_its_exit_code_and_every_code_its_words() -> None:
    refused = (RecipeError(), LocationError("s3://x", "absent", "look"), ModelError(), NoJavaError(), TrainError())
    assert {exit_code(error) for error in refused} == {2}
    others = (LedgerError(), AlarmError(), KeyError(), KeyboardInterrupt())
    assert [exit_code(error) for error in others] == [4, 5, 1, 130]
    table = (PROJECT / "docs/commands.md").read_text("utf-8")
    assert [code for code in MEANINGS if f"| {code} | " not in table] == []


@dataclass(frozen=True)
class Submitted:
    """A run that spark-submit was given: over one WARC and one file that is none."""

    root: Path
    recipe: Path
    good: Path
    bad: Path
    code: int
    log: str
    jobs: list[dict[str, str]]  # the properties of every Spark job, from the event log


@pytest.fixture(scope="module")
def submitted(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Submitted:
    folder = tmp_path_factory.mktemp("submitted")
    bad = folder / "bad.warc.gz"
    bad.write_bytes(b"this is no WARC at all\n" * 50)
    recipe = folder / "recipe.toml"
    good = sorted((sample / "warc").glob("*.warc.gz"))[0]
    inputs = [str(good), str(bad)]
    model = fetch("lid.176.ftz", folder=MODELS).path
    text = (PROJECT / "conf/tiny.toml").read_text("utf-8")
    text = text.replace('["data/sample/warc/*.warc.gz"]', json.dumps(inputs))
    recipe.write_text(text.replace("[annotate]\n", f'[annotate]\nlanguage_model = "{model}"\n'), "utf-8")
    events = folder / "events"
    events.mkdir()
    settings = FEW_ROWS | {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": " ".join(SHORT_JOBS),
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    line = [str(Path(sys.executable).parent / "spark-submit"), "--master", "local[2,4]"]
    for key, value in settings.items():
        line += ["--conf", f"{key}={value}"]
    line += [str(PROJECT / "jobs/main.py"), "run", str(recipe), "--root", str(folder / "root")]
    with (folder / "log").open("wb") as log:
        environment = os.environ | {"PYSPARK_PYTHON": sys.executable}
        done = subprocess.run(line, cwd=folder, env=environment, stdout=log, stderr=log, timeout=PATIENCE_S, check=False)
    logged = [json.loads(row) for path in events.rglob("*") if path.is_file() for row in path.read_text("utf-8").splitlines()]
    jobs = [event["Properties"] for event in logged if event["Event"] == "SparkListenerJobStart"]
    return Submitted(folder / "root", recipe, good, bad, done.returncode, (folder / "log").read_text("utf-8"), jobs)


@pytest.mark.spark
def test_spark_submit_passes_the_exit_code_on_and_run_json_says_it_too(submitted: Submitted) -> None:
    assert submitted.code == 3, submitted.log[-3000:]
    told = json.loads((submitted.root / "run.json").read_text("utf-8"))
    assert told["state"] == "ended" and told["exit_code"] == 3
    assert told["meaning"] == "finished, but some input files could not be read: the same command retries just those"
    assert told["failed_files"] == [str(submitted.bad)]
    assert (told["recipe"], told["dump"], told["root"]) == ("tiny", "TINY", str(submitted.root))
    assert [(stage["stage"], stage["finished_before"]) for stage in told["stages"]] == [(name, False) for name in STAGES]
    markers = {
        name: json.loads((submitted.root / folder / "_stage.json").read_text("utf-8"))
        for name, folder in (("extract", "documents"), ("publish", "corpus"))
    }
    assert told["stages"][0]["ledger"] == markers["extract"]["ledger"]
    assert told["stages"][0]["seconds"] == markers["extract"]["seconds"] > 0
    parts = list(submitted.root.glob("corpus/dump=*/**/*.parquet"))
    rows = sum(pq.read_metadata(part).num_rows for part in parts)
    size = sum(part.stat().st_size for part in parts)
    assert told["corpus"] == {"rows": rows, "files": len(parts), "bytes": size} and rows > 0
    assert (told["stage"], told["error"]) == (None, None)
    assert told["application"].startswith("local-")
    assert told["began"] < told["ended"] and told["seconds"] > sum(stage["seconds"] for stage in told["stages"])


@pytest.mark.spark
def test_no_spark_job_of_a_run_lies_outside_a_group_named_after_a_stage(submitted: Submitted) -> None:
    groups = {job.get("spark.jobGroup.id") for job in submitted.jobs}
    assert groups - {"plan"} == {*STAGES, "report"}  # where an index chooses, or workers are asked
    described = {job["spark.jobGroup.id"]: set[str]() for job in submitted.jobs}
    for job in submitted.jobs:
        described[job["spark.jobGroup.id"]].add(job["spark.job.description"])
    assert {"extract", "extract chunk 00000", "extract chunk 00001"} == described["extract"]
    assert {"annotate", "annotate chunk 00000"} <= described["annotate"]
    assert {"dedup order", "dedup shingles", "dedup alarm"} <= described["dedup"]
    assert all(text.startswith(group) for group, texts in described.items() for text in texts)


@pytest.mark.spark
def test_a_finished_chunk_says_how_many_pages_it_read_and_kept(submitted: Submitted) -> None:
    marker = json.loads((submitted.root / "documents/_chunks/00000.json").read_text("utf-8"))
    table = pq.read_table(submitted.root / "documents/chunk=00000/kind=document", columns=["outcome"])
    outcomes = table["outcome"].to_pylist()
    assert (marker["pages"], marker["kept"]) == (len(outcomes), outcomes.count("extracted"))
    assert 0 < marker["kept"] < marker["pages"]


def again(
    spark: "SparkSession", monkeypatch: pytest.MonkeyPatch, recipe: Path, root: Path, *options: str
) -> tuple[object, dict[str, Any]]:
    """Run the command line in this process, with the tests' Spark; return how it exits, and run.json."""

    @contextmanager
    def ours(master: str) -> Iterator["SparkSession"]:
        yield spark

    monkeypatch.setattr(commands, "session", ours)
    monkeypatch.setattr(sys, "argv", ["gristmill", "run", str(recipe), "--root", str(root), *options])
    try:
        main()
        raise AssertionError("the command line always exits")
    except SystemExit as exit:
        code: object = exit.code
    except Exception as error:
        code = error
    return code, json.loads((root / "run.json").read_text("utf-8"))


@pytest.fixture
def copied(submitted: Submitted, tmp_path: Path) -> Path:
    shutil.copytree(submitted.root, tmp_path / "root")
    return tmp_path / "root"


@pytest.mark.spark
def test_a_refused_run_says_2_and_why(
    spark: "SparkSession", submitted: Submitted, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, told = again(spark, monkeypatch, submitted.recipe, copied, "--dump", "OTHER")
    assert (code, told["exit_code"], told["stage"], told["stages"], told["corpus"]) == (2, 2, "plan", [], None)
    assert told["error"]["type"] == "RecipeError" and "two corpora would be mixed" in told["error"]["message"]


@pytest.mark.spark
def test_a_ledger_that_does_not_balance_says_4_and_the_stage(
    spark: "SparkSession", submitted: Submitted, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_good = ("--input", str(submitted.good))  # the bad file would be planned again, and extract not be finished
    shutil.rmtree(copied / "decisions/filter")
    lost = next(part for part in signal_files(copied, "00000") if pq.read_metadata(part).num_rows)
    pq.write_table(pq.read_table(lost).slice(1), lost)
    lost.with_name(f".{lost.name}.crc").unlink(missing_ok=True)
    # annotate's marker is finished, so filter finds a document fewer than annotate sent on
    code, told = again(spark, monkeypatch, submitted.recipe, copied, "--only", "filter", *only_good)
    assert (code, told["exit_code"], told["stage"]) == (4, 4, "filter")
    assert told["error"]["type"] == "LedgerError" and "--from annotate" in told["error"]["message"]


@pytest.mark.spark
def test_a_failure_of_spark_says_1_its_class_and_what_was_under_way_and_the_next_run_what_was_finished_before(
    spark: "SparkSession", submitted: Submitted, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_good = ("--input", str(submitted.good))  # the bad file would be planned again, and extract not be finished
    shutil.rmtree(copied / "decisions/filter")
    broken = signal_files(copied, "00000")[0]
    whole = broken.read_bytes()
    broken.write_bytes(whole[:50])
    broken.with_name(f".{broken.name}.crc").unlink(missing_ok=True)
    error, told = again(spark, monkeypatch, submitted.recipe, copied, "--only", "filter", *only_good)
    assert isinstance(error, Exception) and not isinstance(error, AssertionError)
    assert (told["exit_code"], told["stage"], told["error"]["type"]) == (1, "filter", type(error).__name__)
    assert broken.name in told["error"]["message"]
    broken.write_bytes(whole)
    code, told = again(spark, monkeypatch, submitted.recipe, copied, "--only", "filter", *only_good)
    assert (code, [(s["stage"], s["finished_before"]) for s in told["stages"]]) == (3, [("filter", False)])
    code, told = again(spark, monkeypatch, submitted.recipe, copied, "--only", "filter", *only_good)
    assert (code, [(s["stage"], s["finished_before"]) for s in told["stages"]]) == (3, [("filter", True)])


@pytest.mark.spark
def test_an_alarm_says_5(
    spark: "SparkSession", submitted: Submitted, copied: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only_good = ("--input", str(submitted.good))  # the bad file would be planned again, and extract not be finished
    strict = tmp_path / "strict.toml"
    text = submitted.recipe.read_text("utf-8").replace("[publish]", "[dedup.alarm]\nmax_group = 1\n\n[publish]")
    strict.write_text(text, "utf-8")
    (copied / "corpus/_stage.json").unlink()
    code, told = again(spark, monkeypatch, strict, copied, "--only", "publish", *only_good)
    assert (code, told["exit_code"], told["stage"], told["error"]["type"]) == (5, 5, "dedup", "AlarmError")


@pytest.mark.spark
@pytest.mark.parametrize(
    ("error", "code"),
    [(LedgerError("lost 3"), 4), (AlarmError("too many"), 5), (KeyError("a bug"), 1), (KeyboardInterrupt(), 130)],
)
def test_whatever_ends_a_run_is_written_with_its_class_and_message(
    spark: "SparkSession", tmp_path: Path, error: BaseException, code: int
) -> None:
    root = Root(spark, str(tmp_path / "root"))
    with pytest.raises(type(error)), reported(root, tiny([tmp_path / "none.warc.gz"])) as report:
        report.stage_began("dedup")
        raise error
    told = root.read_json("run.json") or {}
    assert (told["state"], told["exit_code"], told["meaning"], told["stage"]) == ("ended", code, MEANINGS[code], "dedup")
    assert told["error"] == {"type": type(error).__name__, "message": str(error)}


@pytest.mark.spark
def test_a_run_under_way_or_killed_says_running_and_has_no_exit_code(spark: "SparkSession", tmp_path: Path) -> None:
    root = Root(spark, str(tmp_path / "root"))
    with reported(root, tiny([tmp_path / "none.warc.gz"])) as report:
        report.stage_began("extract")
        told = root.read_json("run.json") or {}
    assert (told["state"], told["exit_code"], told["ended"], told["stage"]) == ("running", None, None, "extract")
    assert told["application"] == spark.sparkContext.applicationId
    assert (root.read_json("run.json") or {})["exit_code"] == 0
