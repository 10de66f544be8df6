"""What the report shows of a step of buckets: head, middle and tail of each group, with documents, tokens and cuts."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.engine import signal_sets
from jobs.engine.card import Card
from jobs.engine.job import Context
from jobs.sampling.method_settings import Buckets
from jobs.sampling.pool import ONE_GROUP, column
from jobs.sampling.settings import Step
from jobs.sampling.stage import folder_of
from jobs.sampling.tables import DECISIONS

GROUPS = 30  # that are shown, the largest
GROUP_CHARACTERS = 40  # the page has room for 60, and the bucket's name comes after
Counted = tuple[str | None, str, int, int | None, float | None]  # group, bucket, documents, tokens, cut; None: outside of where


def bucket_card(context: Context, step: Step, place: int) -> Card:
    """Count the documents that a step of buckets has named. What reaches the driver is a row for each bucket of at most 30 groups.

    A document counts under the name that it has after all steps, whether or not a later step dropped it. Joins ids, groups and numbers.
    """
    buckets = step.method
    assert isinstance(buckets, Buckets)
    tokens = signal_sets.signals(context.root, ("token_count",)).select("id", "token_count")
    rows = _with_groups(_named(context, step, buckets), context, place).join(tokens, on="id", how="left")
    counted = rows.groupBy("group", "bucket").agg(
        F.count("*").alias("n"), F.sum("token_count").alias("tokens"), F.max("cut").alias("cut")
    )
    size = F.sum("n").over(Window.partitionBy("group"))
    largest = counted.withColumn("size", size).orderBy(F.desc("size"), "group", "bucket").limit(GROUPS * len(buckets.names) + 1)
    found = largest.select(F.substring("group", 1, GROUP_CHARACTERS), "bucket", "n", "tokens", "cut").collect()
    return Card(
        title=f"Buckets of {step.name}",
        note="Documents that the step has named, their tokens, and the value at which their bucket ends; of the last bucket, the value at "
        f"which it begins. Of groups the {GROUPS} largest are shown.",
        columns=("bucket", "documents", "tokens", "cut"),
        rows=bucket_rows([tuple(row) for row in found], names=buckets.names),
    )


def bucket_rows(counted: Sequence[Counted], *, names: Sequence[str]) -> tuple[tuple[str, int, int | None, float | None], ...]:
    """Put the buckets of each group in their order, the groups as they come.

    >>> bucket_rows([("de", "tail", 4, 40, -9.0), ("de", "head", 3, 90, -5.0), (None, "all", 2, 7, None)], names=("head", "tail"))
    (('de: head', 3, 90, -5.0), ('de: tail', 4, 40, -9.0), ('all (outside of where)', 2, 7, None))
    """
    groups: dict[str | None, list[Counted]] = {}
    for row in counted:
        groups.setdefault(row[0], []).append(row)
    chosen = list(groups.values())[:GROUPS]
    in_order = [row for rows in chosen for row in sorted(rows, key=lambda row: names.index(row[1]) if row[1] in names else -1)]
    return tuple((_label(group, bucket), n, tokens, cut) for group, bucket, n, tokens, cut in in_order)


def _label(group: str | None, bucket: str) -> str:
    if group is None:
        return f"{bucket} (outside of where)"
    return bucket if group == ONE_GROUP else f"{group}: {bucket}"


def _named(context: Context, step: Step, buckets: Buckets) -> DataFrame:
    """Return id, bucket, cut and seen of the documents that have a name of the step; those that it did not see have no cut."""
    mine = F.get(F.filter("steps", lambda one: one["step"] == step.name), F.lit(0))
    rows = context.root.read(DECISIONS).select("id", "bucket", mine["cut"].alias("cut"), mine.isNotNull().alias("seen"))
    names = F.when(F.col("seen"), F.col("bucket").isin(*buckets.names)).otherwise(F.col("bucket") == buckets.otherwise)
    return rows.where(names)


def _with_groups(rows: DataFrame, context: Context, place: int) -> DataFrame:
    """Add the group of each document, from the pool that the finished stage has left; null if the step did not see it."""
    marker = context.root.markers.stage(DECISIONS.path) or {}
    pool = context.root.product(f"{folder_of(str(marker.get('fingerprint')))}/pool")
    name = column("group", place)
    if pool is None or name not in pool.columns:
        return rows.withColumn("group", F.when(F.col("seen"), F.lit(ONE_GROUP)))
    groups = pool.select("id", F.col(name).alias("of"))
    return rows.join(groups, on="id", how="left").withColumn("group", F.when(F.col("seen"), F.col("of"))).drop("of")
