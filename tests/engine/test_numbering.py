"""Numbers of sorted documents: their places in the order, however Spark cuts it into files."""

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine.numbering import numbered, write_numbered
from jobs.engine.root import Root
from jobs.engine.small_table import small_table
from tests.planning import planned

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.spark
def test_a_partition_that_is_cut_into_many_files_is_numbered_in_the_order_of_the_sort(
    spark: "SparkSession", tmp_path: Path
) -> None:
    """It gets more than a thousand files, whose names do not sort as text."""
    values = list(range(1_010))
    random.Random(1).shuffle(values)
    root = Root(spark, str(tmp_path))
    spark.conf.set("spark.sql.files.maxRecordsPerFile", 1)
    try:
        rows = small_table(spark, [(value,) for value in values], "value int")
        with planned(spark, partitions=1):
            count = write_numbered(root, "work", ordered=rows.orderBy("value"))
    finally:
        spark.conf.set("spark.sql.files.maxRecordsPerFile", 0)
    assert any("-c1000." in path.name for path in (tmp_path / "work/order").glob("part-00000-*.parquet"))
    assert count == len(values)
    assert [(row["nr"], row["value"]) for row in numbered(root, "work").orderBy("nr").collect()] == list(
        enumerate(sorted(values))
    )
