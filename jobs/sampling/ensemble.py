"""Several values made one, as Nemotron-CC does with its classifiers: the largest of the twentieths in which they put a document.

Scores of two models cannot be compared: one may give half of all texts 0.9, the other none. Their ranks can. So each value cuts the
pool, within the step's groups, into twenty parts of the same number of documents, exact to one document: 19 is the best, 0 the worst.
The document gets the largest of its numbers, so one model that finds it good is enough.
"""

from collections.abc import Sequence
from decimal import Decimal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.sampling.cuts import Once, Wanted, cuts, passed
from jobs.sampling.pool import seen_by
from jobs.sampling.work import Work

PARTS = 20
EDGES = tuple(Decimal(n) / PARTS for n in range(1, PARTS))


def ensemble(rows: DataFrame, values: Sequence[str], work: Work) -> DataFrame:
    """Add `value`, from 0 to 19, of columns of values; `rows` has id, group and key too. Ties go by the key, as in every cut."""
    for number, name in enumerate(values):
        seen = seen_by(rows, work.place).select(
            "id", "group", F.col(name).alias("value"), "key", F.lit(1).cast("long").alias("weight")
        )
        found = cuts(seen, Wanted(shares=EDGES), once=_of_value(work.once, number), few=work.few)
        placed = rows.join(found, on="group", how="left").withColumn("value", F.col(name))
        part = F.lit(PARTS - 1) - passed(F.col("cuts"))
        rows = placed.withColumn(name, part.cast("double")).drop("cuts", "value")
    return rows.withColumn("value", F.greatest(*values))


def _of_value(once: Once, number: int) -> Once:
    return lambda name, make: once(f"value-{number}-{name}", make)
