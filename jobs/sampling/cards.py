"""What the report shows of sampling: each step, how copies are spread, and the share that stays by value."""

from collections.abc import Iterator

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.card import Card
from jobs.engine.job import Context
from jobs.sampling.bucket_card import bucket_card
from jobs.sampling.tables import DECISIONS

BANDS = 10
MOST = 20  # copies that are told apart; more are one row


def cards(context: Context) -> Iterator[Card]:
    """Yield the steps, the copies, the buckets, and the curve of each step. What reaches the driver is a row a step, band or bucket."""
    decisions = context.root.read(DECISIONS)
    seen = decisions.select(F.explode("steps").alias("seen")).select("seen.*")
    steps = context.recipe.of(context.stage("sampling"))
    names = [step.name for step in steps]
    yield _steps(seen, names)
    yield _copies(decisions)
    yield from (bucket_card(context, step, place) for place, step in enumerate(steps) if step.buckets is not None)
    yield from _curves(seen, names)


def _steps(seen: DataFrame, names: list[str]) -> Card:
    stays = F.col("copies") > 0
    counted = seen.groupBy("step").agg(
        F.count("*").alias("n"),
        F.count_if(stays).alias("kept"),
        F.sum("copies").alias("copies"),
        F.min("cut").alias("low"),
        F.max("cut").alias("high"),
    )
    found = {row["step"]: row for row in counted.collect()}
    rows = tuple(
        (name, *(found[name][key] for key in ("n", "kept", "copies", "low", "high"))) for name in names if name in found
    )
    return Card(
        title="Sampling by step",
        note="Documents that each step saw and kept, their copies after it, and its cuts: one where there is one, the least and the "
        "largest where each group or document has its own.",
        columns=("step", "seen", "kept", "copies", "least cut", "largest cut"),
        rows=rows,
    )


def _copies(decisions: DataFrame) -> Card:
    told = decisions.select("copies", F.least("copies", F.lit(MOST)).alias("told"))
    counted = told.groupBy("told").agg(F.count("*").alias("n"), F.sum("copies").alias("copies")).orderBy("told").collect()
    return Card(
        title="Copies",
        note=f"How many documents have how many copies after all steps; 0 are those that went. {MOST} copies and more are one row.",
        columns=("copies", "documents", "share of rows in a mix"),
        rows=_shares([(int(row["told"]), int(row["n"]), int(row["copies"])) for row in counted]),
    )


def _shares(counts: list[tuple[int, int, int]]) -> tuple[tuple[str, int, float], ...]:
    """Say of each number of copies how many documents have it, and which share of all copies they make.

    >>> _shares([(0, 5, 0), (1, 2, 2), (3, 1, 3), (20, 1, 35)])
    (('0', 5, 0.0), ('1', 2, 0.05), ('3', 1, 0.075), ('20 and more', 1, 0.875))
    """
    total = sum(copies for _, _, copies in counts) or 1
    return tuple((f"{told} and more" if told == MOST else str(told), n, round(copies / total, 4)) for told, n, copies in counts)


def _curves(seen: DataFrame, names: list[str]) -> Iterator[Card]:
    ends = seen.groupBy("step").agg(F.min("value").alias("low"), F.max("value").alias("high"))
    part = F.floor((F.col("value") - F.col("low")) / F.greatest(F.col("high") - F.col("low"), F.lit(1e-300)) * BANDS)
    banded = seen.join(F.broadcast(ends), on="step", how="inner").withColumn("band", F.least(part, F.lit(BANDS - 1)))
    counted = banded.groupBy("step", "band", "low", "high").agg(
        F.count("*").alias("n"), F.count_if(F.col("copies") > 0).alias("kept"), F.avg("copies").alias("copies")
    )
    found = counted.orderBy("step", "band").collect()
    for name in names:
        mine = [row for row in found if row["step"] == name]
        if mine:
            width = (mine[0]["high"] - mine[0]["low"]) / BANDS
            yield Card(
                title=f"Curve of {name}",
                note="Documents by the value that the step looked at, in ten bands of equal width: the share that stayed, and the mean "
                "number of copies after the step.",
                columns=("value from", "documents", "share kept", "mean copies"),
                rows=tuple(
                    (
                        f"{row['low'] + row['band'] * width:.4g}",
                        row["n"],
                        round(row["kept"] / row["n"], 4),
                        round(row["copies"], 4),
                    )
                    for row in mine
                ),
            )
