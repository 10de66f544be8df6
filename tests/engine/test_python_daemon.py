"""Python workers of local mode have no archive of Spark's on their path, unless PySpark lies in one alone."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyspark
import pytest

from jobs.engine.python_daemon import without_archives

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import SparkSession

HOME = str(Path(pyspark.__file__).parent)
ARCHIVES = [f"{HOME}/python/lib/pyspark.zip", f"{HOME}/jars/spark-core.jar"]


def test_sparks_archives_go_if_the_same_pyspark_lies_in_a_folder_and_a_users_stay(tmp_path: Path) -> None:
    theirs = [str(tmp_path / "theirs.zip"), *sys.path]
    assert without_archives([*ARCHIVES, *theirs], spark_home=HOME) == theirs


def test_sparks_archives_stay_if_they_hold_the_only_pyspark_or_another_one(tmp_path: Path) -> None:
    assert without_archives([*ARCHIVES, str(tmp_path)], spark_home=HOME) == [*ARCHIVES, str(tmp_path)]
    path = [*ARCHIVES, *sys.path]
    assert without_archives(path, spark_home=str(tmp_path)) == path
    assert without_archives(path, spark_home="") == path


@pytest.mark.spark
def test_a_worker_has_none_on_its_path(spark: "SparkSession") -> None:
    def seen(batches: "Iterable[Any]") -> "Iterable[Any]":
        import sys

        import pyarrow as pa

        for _ in batches:
            known = [*sys.path, *sys.path_importer_cache]
            yield pa.RecordBatch.from_pydict({"archive": [entry for entry in known if entry.endswith(("pyspark.zip", ".jar"))]})

    assert spark.range(0, 1, 1, 1).mapInArrow(seen, "archive string").collect() == []


@pytest.mark.spark
def test_a_worker_collects_no_garbage_among_what_it_was_forked_with(spark: "SparkSession") -> None:
    def frozen(batches: "Iterable[Any]") -> "Iterable[Any]":
        import gc

        import pyarrow as pa

        for _ in batches:
            yield pa.RecordBatch.from_pydict({"objects": [gc.get_freeze_count()]})

    (row,) = spark.range(0, 1, 1, 1).mapInArrow(frozen, "objects long").collect()
    assert row["objects"] > 10_000
