"""What the session of local mode spares the driver: a search through all jars, and a note of each column's line."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyspark.errors.utils import is_debugging_enabled

from jobs.engine.session import FIRST_JARS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.spark
def test_the_jars_that_hold_most_classes_are_searched_first(spark: "SparkSession") -> None:
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    path = [Path(one).name for one in jvm.java.lang.System.getProperty("java.class.path").split(os.pathsep)]
    assert [name.startswith(start) for name, start in zip(path, FIRST_JARS, strict=False)] == [True] * len(FIRST_JARS)


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
def test_no_use_of_a_column_notes_its_line() -> None:
    assert not is_debugging_enabled()
