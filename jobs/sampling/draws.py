"""Chance without rand(): a hash of the document's id, the step's name and its seed."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.sampling.settings import Step


def key_of(step: Step) -> Column:
    """Return a whole number for each document, by which ties are broken: the smaller comes first."""
    return F.xxhash64(F.col("id"), F.lit(f"{step.name}:{step.seed}"))


def draw(key: Column) -> Column:
    """Return a number above 0 and below 1 for each key: the middles of 2^52 equal parts."""
    return (F.shiftrightunsigned(key, 12).cast("double") + F.lit(0.5)) * F.lit(2.0**-52)
