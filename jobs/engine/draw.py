"""Chance without rand(): a hash of the document's id as a number between 0 and 1."""

from pyspark.sql import Column
from pyspark.sql import functions as F


def draw(key: Column) -> Column:
    """Return a number above 0 and below 1 for each hash of 64 bits: the middles of 2^52 equal parts."""
    return (F.shiftrightunsigned(key, 12).cast("double") + F.lit(0.5)) * F.lit(2.0**-52)
