"""Read folders by their names as they are: Spark takes [, ], {, }, * and ? in a path for a pattern unless it is told otherwise."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrameReader, SparkSession

# Spark's own option for the paths of its catalogue's tables: sql/core DataSource.scala, GLOB_PATHS_KEY, since 3.0
GLOB_PATHS = "__globPaths__"


def literal(spark: "SparkSession") -> "DataFrameReader":
    """Return a reader for which a path is a name and no pattern."""
    return spark.read.option(GLOB_PATHS, "false")
