"""The tests' Spark session sends no default settings of Hadoop with its scans and writes: they cost a sixth of its work."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_what_a_scan_sends_has_no_defaults_even_when_a_class_has_them_read_again(spark: "SparkSession", tmp_path: Path) -> None:
    jvm: Any = spark.sparkContext._jvm
    jvm.org.apache.hadoop.conf.Configuration.reloadExistingConfigurations()
    spark.range(3).write.parquet(str(tmp_path / "rows"))
    assert spark.read.parquet(str(tmp_path / "rows")).count() == 3
    given: Any = spark.sparkContext._jsc.hadoopConfiguration()
    assert given.get("yarn.resourcemanager.hostname") is None and given.get("hadoop.tmp.dir")
    assert given.size() < 50
