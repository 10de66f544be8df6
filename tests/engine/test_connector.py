"""A root on a store that Spark cannot reach is refused before any work, with the line that adds what is missing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs import commands, main
from jobs.engine.errors import RecipeError
from jobs.engine.root import Root
from tests.runs import PROJECT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
RECIPE = str(PROJECT / "conf/tiny.toml")
ROOT = "s3a://bucket/run"
COMMANDS = (
    ["run", RECIPE, "--root", ROOT],
    ["plan", RECIPE, "--root", ROOT],
    ["explain", ROOT, "https://example.org"],
    ["sample", ROOT],
    ["report", ROOT],
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_every_command_refuses_an_s3_root_without_its_connector_and_prints_the_line_that_adds_it(
    spark: "SparkSession", arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def session(master: str) -> Iterator["SparkSession"]:
        yield spark

    monkeypatch.setattr(commands, "session", session)
    monkeypatch.setattr("jobs.engine.job.Context.plan", None)  # work begins there
    monkeypatch.setattr("jobs.engine.models.resolve_models", lambda recipe, stages: {})
    monkeypatch.setattr(sys, "argv", ["gristmill", *arguments])
    with pytest.raises(SystemExit) as left:
        main.main()
    hadoop = spark.sparkContext._jvm.org.apache.hadoop.util.VersionInfo.getVersion()  # type: ignore[union-attr]
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        f"gristmill: s3a://bucket/run: this Spark {spark.version} has no connector for s3a://, so nothing could be kept there; nothing was "
        f"run. Write s3a:// and add the S3A connector, hadoop-aws {hadoop}: PYSPARK_SUBMIT_ARGS='--packages "
        f"org.apache.spark:spark-hadoop-cloud_2.13:{spark.version} pyspark-shell' gristmill …\n"
    )


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("s3://bucket/run", "Write s3a:// and add the S3A connector"),
        ("gs://bucket/run", "Add Google's connector, gcs-connector: PYSPARK_SUBMIT_ARGS="),
        ("wasp://bucket/run", "Give a path on disk, or add the Hadoop connector of that store"),
    ],
)
def test_each_store_is_told_how_to_be_reached(spark: "SparkSession", path: str, advice: str) -> None:
    with pytest.raises(RecipeError, match=f"^{path}: this Spark .* nothing was run. {advice}"):
        Root(spark, path)


def test_roots_on_disk_and_of_connectors_that_are_there_pass(spark: "SparkSession", tmp_path: Path) -> None:
    for path in (str(tmp_path), tmp_path.as_uri(), "hdfs://host/run"):
        assert Root(spark, path).path == path


def test_where_s3a_is_there_and_s3_is_not_the_other_name_is_told(spark: "SparkSession") -> None:
    hadoop = spark.sparkContext._jsc.hadoopConfiguration()
    hadoop.set("fs.s3a.impl", "org.apache.hadoop.fs.LocalFileSystem")
    try:
        assert Root(spark, "s3a://bucket/run").path == "s3a://bucket/run"
        with pytest.raises(RecipeError, match=r"nothing was run. Write s3a://bucket/run$"):
            Root(spark, "s3://bucket/run")
    finally:
        hadoop.unset("fs.s3a.impl")
