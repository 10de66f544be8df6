"""A table of many chunks is listed by a few tasks: one for each folder costs more than all else that a command does."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.engine.root import Root
from jobs.engine.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
CHUNKS = 100


def test_a_table_of_many_chunks_is_listed_by_few_tasks(spark: "SparkSession", tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.string())])
    for number in range(CHUNKS):
        folder = tmp_path / f"table/chunk={number:05d}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"id": [str(number)]}), folder / "part-0.parquet")
    context = spark.sparkContext
    context.setJobGroup("listing", "listing")
    rows = Root(spark, str(tmp_path)).read(Table("table", schema))
    tracker = context.statusTracker()
    jobs = [tracker.getJobInfo(number) for number in tracker.getJobIdsForGroup("listing")]
    stages = [tracker.getStageInfo(number) for job in jobs if job is not None for number in job.stageIds]
    assert [stage.numTasks for stage in stages if stage is not None] == [64]
    assert rows.count() == CHUNKS
