"""A step's chance, without rand(): a hash of the document's id, the step's name and its seed."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.sampling.settings import Step


def key_of(step: Step) -> Column:
    """Return a whole number for each document, by which ties are broken: the smaller comes first."""
    return F.xxhash64(F.col("id"), F.lit(f"{step.name}:{step.seed}"))
