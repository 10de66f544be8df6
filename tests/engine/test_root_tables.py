"""Tables that a stage writes once below its root."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine.root import Root
from jobs.engine.small_table import small_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark


def test_a_finished_table_is_not_made_again_and_no_job_asks_for_its_schema(spark: "SparkSession", tmp_path: Path) -> None:
    def never() -> "DataFrame":
        raise AssertionError("it is finished")

    rows = small_table(spark, [(1, ["a", None]), (2, None)], "nr bigint, names array<string>")
    first = Root(spark, str(tmp_path)).once("work/table", lambda: rows)
    scheduler = spark.sparkContext._jsc.sc().dagScheduler()
    before = scheduler.numTotalJobs()
    again = Root(spark, str(tmp_path)).once("work/table", never)
    assert scheduler.numTotalJobs() == before
    assert again.schema == first.schema
    assert sorted(tuple(row) for row in again.collect()) == [(1, ["a", None]), (2, None)]
