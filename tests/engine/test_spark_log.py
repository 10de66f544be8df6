"""What Spark prints goes to a file, which stays when Spark fails; a terminal gets the gist of it."""

import errno
import tempfile
from pathlib import Path

import pytest
from py4j.protocol import Py4JError  # type: ignore[import-untyped]

from jobs.engine.disk import DiskError, disk_errors
from jobs.engine.errors import LedgerError
from jobs.engine.machine import NoSparkError
from jobs.engine.session import cluster_session
from jobs.engine.spark_log import SparkFailedError, gist, last_error, spark_log

FAILED = """An error occurred while calling o1.parquet.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times
\tat org.apache.spark.scheduler.DAGScheduler.abortStage(DAGScheduler.scala:1)
Caused by: org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "worker.py", line 1, in main
ValueError: no such thing

\tat org.apache.spark.api.python.BasePythonRunner.handlePythonException(PythonRunner.scala:1)
"""


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_log_goes_when_the_run_ends_well_or_in_a_way_that_is_foreseen(scratch: Path) -> None:
    with spark_log() as log:
        assert log.parent == scratch and log.exists()
    for error in (LedgerError("lost 3"), KeyboardInterrupt(), NoSparkError("no java")):
        with pytest.raises(type(error)), spark_log():
            raise error
    assert list(scratch.iterdir()) == []


def test_a_failure_of_spark_is_one_line_and_the_rest_stands_in_the_log(scratch: Path) -> None:
    with pytest.raises(SparkFailedError) as caught, spark_log():
        raise Py4JError(FAILED)
    (log,) = scratch.iterdir()
    assert str(caught.value) == (
        f"Spark failed: ValueError: no such thing. The same command goes on where it stopped. Spark's log: {log}"
    )
    assert caught.value.exit_code == 1 and FAILED in log.read_text("utf-8")


def test_a_full_disk_is_told_as_such_and_needs_no_log(scratch: Path) -> None:
    with pytest.raises(DiskError, match="the disk is full"), disk_errors("/root"), spark_log():
        raise Py4JError("java.io.IOException: No space left on device")
    with pytest.raises(DiskError, match="the disk is full"), disk_errors("/root"), spark_log():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(scratch.iterdir()) == []


def test_the_gist_is_the_last_cause() -> None:
    assert (
        gist(Py4JError("a\nCaused by: b.Exception: first\n\tat x\nCaused by: c.Exception: last\n\tat y")) == "c.Exception: last"
    )
    assert gist(Py4JError("An error occurred.")) == "An error occurred"


def test_why_the_jvm_ended_stands_in_its_log(scratch: Path) -> None:
    log = scratch / "log"
    log.write_text("WARNING: incubator\nError: Unrecognized option: -x\nhow to use it\n\tat java.Exception.x\n")
    assert last_error(log) == "Error: Unrecognized option: -x"
    assert last_error(scratch / "absent") == "nothing"


def test_a_gateway_of_spark_submit_that_is_gone_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark import SparkContext

    monkeypatch.setattr(SparkContext, "_gateway", None)
    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")
    monkeypatch.delenv("PYSPARK_GATEWAY_SECRET", raising=False)
    with pytest.raises(NoSparkError, match=r"PYSPARK_GATEWAY_PORT=1 says .* Unset it"):
        cluster_session()
