"""Counts the whole corpus by domain and by language, kept against dropped; what comes to the driver is the largest groups alone."""

from collections.abc import Iterable

from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from jobs.explorer.data import LARGEST, NOT_KNOWN, REASONS, Area, Areas

PROPERTIES = ("domain", "language")
NAME_CHARACTERS = 200


def counted(fates: DataFrame) -> tuple[Areas, ...]:
    """Count a table of fates (jobs.report.fates.fate) by each property and reason, in one aggregation.

    At most LARGEST × REASONS rows of each property come to the driver, and two sums.
    """
    pairs = [
        F.struct(F.lit(name).alias("name"), F.substring(F.coalesce(name, F.lit(NOT_KNOWN)), 1, NAME_CHARACTERS).alias("value"))
        for name in PROPERTIES
    ]
    reason = F.when(F.col("stage") == "kept", "").otherwise(F.coalesce("reason", F.lit("unnamed"))).alias("reason")
    kept = (F.col("stage") == "kept").cast("long").alias("kept")
    counts = (
        fates.select(reason, kept, F.explode(F.array(*pairs)).alias("p"))
        .groupBy("p.name", "p.value", "reason")
        .agg(F.count("*").alias("n"), F.sum("kept").alias("kept"))
        .persist()
    )
    try:
        return tuple(_areas(name, counts.where(F.col("name") == name)) for name in PROPERTIES)
    finally:
        counts.unpersist()


def _areas(name: str, counts: DataFrame) -> Areas:
    groups = counts.groupBy("value").agg(F.sum("n").alias("size"), F.sum("kept").alias("size_kept"))
    largest = groups.orderBy(F.desc("size"), "value").limit(LARGEST).persist()
    try:
        order = Window.partitionBy("value").orderBy(F.desc("n"), "reason")
        rows = (
            counts.where("reason != ''")
            .join(F.broadcast(largest.select("value")), on="value", how="inner")
            .withColumn("rank", F.row_number().over(order))
            .where(F.col("rank") <= REASONS)
            .select("value", "reason", "n")
            .collect()
        )
        sizes = largest.collect()
        whole = groups.agg(F.count("*").alias("groups"), F.sum("size").alias("n"), F.sum("size_kept").alias("kept")).first()
    finally:
        largest.unpersist()
    return assembled(name, sizes, rows, whole=whole)


def assembled(name: str, sizes: Iterable[Row], rows: Iterable[Row], *, whole: Row | None) -> Areas:
    """Put the areas together; what no area holds is the rest."""
    told: dict[str, list[tuple[str, int]]] = {}
    for row in sorted(rows, key=lambda row: (-row["n"], row["reason"])):
        told.setdefault(row["value"], []).append((row["reason"], row["n"]))
    found = tuple(
        Area(row["value"], row["size"], row["size_kept"], tuple(told.get(row["value"], ())))
        for row in sorted(sizes, key=lambda row: (-row["size"], row["value"]))
    )
    if whole is None or not whole["groups"] or whole["groups"] <= len(found):
        return Areas(name, found)
    count, kept = whole["n"] - sum(one.count for one in found), whole["kept"] - sum(one.kept for one in found)
    return Areas(name, found, others=whole["groups"] - len(found), rest=Area("", count, kept, ()))
