"""Before any work, a worker is asked for what the driver takes for granted."""

import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine import workers
from jobs.engine.runner import packages
from jobs.engine.workers import WorkerError, check_workers
from tests.runs import context, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_workers_with_the_drivers_packages_pass(spark: "SparkSession", tmp_path: Path) -> None:
    named = packages(context(spark, tiny([]), tmp_path / "root"))
    assert {"pyspark", "pyarrow", "trafilatura", "fasttext-community", "datasketch"} <= set(named)
    check_workers(spark, named)


def test_workers_with_other_packages_are_refused_by_name_and_version(
    spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {"lxml": "1.2.3", "no-such-package": "9"}
    monkeypatch.setattr(workers, "package_versions", lambda _: ours)
    with pytest.raises(WorkerError, match=r"lxml [\d.]+ there, 1\.2\.3 here; no-such-package missing there, 9 here") as caught:
        check_workers(spark, ("lxml", "no-such-package"))
    assert "so nothing was run. Give spark-submit the environment archive" in str(caught.value)


def test_workers_without_packages_or_without_python_are_refused_with_the_reason(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(tmp_path / "bare", symlinks=True)
    for python, reason in (("bare/bin/python", "No module named"), ("absent/bin/python", "No such file or directory")):
        monkeypatch.setattr(spark.sparkContext, "pythonExec", str(tmp_path / python))
        with pytest.raises(
            WorkerError, match=rf"no Python worker could be started on an executor \(.*{reason}.*so nothing was run"
        ):
            check_workers(spark, ("pyarrow",))
