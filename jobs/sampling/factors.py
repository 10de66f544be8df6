"""Factors by group: how often a document of a language, or of a size of duplicate group, is repeated. Spark holds the groups."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.sampling.cuts import Once
from jobs.sampling.method_settings import Rehydrate, Temperature

CLASS = "class"


def tempered(rows: DataFrame, settings: Temperature, *, once: Once) -> DataFrame:
    """Return group and factor, of rows with group, unit and copies.

    A group of n of N gets the share n^(1/T) / sum of all n^(1/T), so its factor is that share times N / n: the pool stays as large as it
    was, but for what max_copies cuts off. The powers are summed as decimals, so that no order of additions shows. The driver collects
    the two sums.
    """
    size = F.sum(F.col("unit") * F.col("copies")).alias("n")
    groups = once("groups", lambda: rows.groupBy("group").agg(size))
    power = F.pow(F.col("n").cast("double"), F.lit(1 / settings.temperature))
    sums = groups.agg(F.sum("n").alias("n"), F.sum(power.cast("decimal(38,18)")).cast("double").alias("powers")).first()
    assert sums is not None
    total, powers = float(sums["n"] or 0), float(sums["powers"] or 0)
    factor = power * F.lit(total) / F.lit(powers) / F.col("n").cast("double")
    factor = F.when(F.col("n") > 0, factor).otherwise(F.lit(1.0))  # a group of empty documents stays as it is
    if settings.max_copies is not None:
        factor = F.least(factor, F.lit(settings.max_copies))
    return groups.select("group", factor.alias("factor"))


def class_of(size: Column, sizes: Sequence[int]) -> Column:
    """Number the class of a size: the last whose least size it reaches, from 0."""
    reached = [F.when(size >= F.lit(float(least)), F.lit(1)).otherwise(F.lit(0)) for least in sizes[1:]]
    return sum(reached, F.lit(0))


def rehydrated(rows: DataFrame, settings: Rehydrate, *, once: Once) -> DataFrame:
    """Return group, class and factor, of all rows that came into sampling, with group, class and `reason` of those that went.

    A class of which as large a share went as of the whole group, or a larger one, has factor 1. The class that lost least has
    max_copies. Between them the factor is linear in the share.
    """
    there = F.count_if(F.col("reason").isNull()).alias("there")
    counts = once("classes", lambda: rows.groupBy("group", CLASS).agg(F.count("*").alias("came"), there))
    whole = Window.partitionBy("group")
    went = F.lit(1.0) - F.col("there") / F.col("came")
    usual = F.lit(1.0) - F.sum("there").over(whole) / F.sum("came").over(whole)
    rates = counts.select("group", CLASS, went.alias("went"), usual.alias("usual"))
    rates = rates.withColumn("least", F.min("went").over(whole))
    lead = (F.col("usual") - F.col("went")) / (F.col("usual") - F.col("least"))
    factor = F.when(F.col("went") < F.col("usual"), F.lit(1.0) + F.lit(settings.max_copies - 1) * lead).otherwise(F.lit(1.0))
    return rates.select("group", CLASS, factor.alias("factor"))
