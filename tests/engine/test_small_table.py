"""Small tables are parts of Spark's plan: their rows are those given, no Python worker reads them, and none leave no work."""

from typing import TYPE_CHECKING

import pytest

from jobs.engine.small_table import small_table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
SCHEMA = "name string, count bigint, share double, sure boolean, spans array<struct<start: int, kind: string>>"
ROWS = [("a", 1, 0.5, True, [(0, "c4"), (7, None)]), (None, None, None, None, None), ("b", 2**40, -0.0, False, [])]


def test_the_rows_are_those_given_in_their_order(spark: "SparkSession") -> None:
    made = small_table(spark, ROWS, SCHEMA)
    assert [tuple(row) for row in made.collect()] == ROWS
    assert made.schema.simpleString() == spark.createDataFrame([], SCHEMA).schema.simpleString()


def test_no_spark_job_reads_them_and_a_join_with_none_is_none(spark: "SparkSession") -> None:
    spark.sparkContext.setJobGroup("small", "small")
    nobody = small_table(spark, [], "name string")
    assert nobody.collect() == []
    kept = spark.range(8).selectExpr("cast(id AS string) AS name").join(nobody, on="name", how="inner")
    assert kept.collect() == []
    assert [row["name"] for row in small_table(spark, ROWS, SCHEMA).where("count > 0").collect()] == ["a", "b"]
    assert list(spark.sparkContext.statusTracker().getJobIdsForGroup("small")) == []
