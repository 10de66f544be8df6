"""How the tests' Spark session plans its queries: once, for few partitions, without compiling them.

Where another way to plan is what a test is about, it is planned so. Runs in processes of their own plan and compile as users' runs do,
and their rows are held against those of the tests' session.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PARTITIONS = 2


def plan_once(spark: "SparkSession", *, partitions: int = PARTITIONS, adaptive: bool = False) -> None:
    """Have Spark plan a query before it runs, not again after each shuffle, and interpret it: a query of a few hundred rows costs its planning."""
    spark.conf.set("spark.sql.adaptive.enabled", str(adaptive).lower())
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
    spark.conf.set("spark.sql.codegen.wholeStage", str(adaptive).lower())
    spark.conf.set("spark.sql.codegen.factoryMode", "FALLBACK" if adaptive else "NO_CODEGEN")
    spark.conf.set("spark.sql.ui.explainMode", "simple")  # Spark writes every plan down, for a page that nobody opens


@contextmanager
def planned(spark: "SparkSession", *, partitions: int = PARTITIONS, adaptive: bool = False) -> Iterator[None]:
    """Plan otherwise for a while."""
    plan_once(spark, partitions=partitions, adaptive=adaptive)
    try:
        yield
    finally:
        plan_once(spark)
