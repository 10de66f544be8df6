"""The alarms: dedup's decisions held against the recipe's limits before anything is published.

A template that fills a host, an error page in ten languages, a wrong threshold: each shows as a share or a group far too large.
"""

from collections.abc import Iterator

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.dedup.settings import Alarm, Dedup
from jobs.dedup.tables import DECISIONS
from jobs.engine.errors import AlarmError
from jobs.engine.job import Job
from jobs.engine.shell_words import argument

SHOWN = 5  # offenders named per limit, the worst first


def check(job: Job[Dedup]) -> None:
    """Raise AlarmError if dedup did more than [dedup.alarm] allows, naming every limit passed and where.

    Costs a join of dedup's decisions with two narrow columns of documents and one of signals, by id; no text is read.
    """
    root, limits = job.root, job.settings.alarm
    decided = root.read(DECISIONS).select("id", "outcome", "group_id", "group_size")
    documents = job.documents().where("outcome = 'extracted'").select("id", "domain", "file_path")
    languages = job.signals("language").select("id", "language")
    placed = decided.join(documents, on="id", how="left").join(languages, on="id", how="left")
    faults = [*_groups(decided, limits), *_shares(placed, limits)]
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise AlarmError(
            f"dedup went beyond [dedup.alarm], so nothing was published:\n{lines}\n"
            f"Look with `gristmill sample {argument(root.path)} --reason near_duplicate` and `gristmill explain {argument(root.path)} ID`. If it is as it "
            f"should be, raise the limit in the recipe and run again: dedup is not done again for that"
        )


def _groups(decided: DataFrame, limits: Alarm) -> Iterator[str]:
    """Name the largest groups of duplicates beyond max_group."""
    if limits.max_group is None:
        return
    over = decided.where(F.col("group_size") > limits.max_group).groupBy("group_id").agg(F.max("group_size").alias("size"))
    for row in over.orderBy(F.desc("size"), "group_id").limit(SHOWN).collect():
        yield f"max_group = {limits.max_group}: the group {row['group_id']} has {row['size']:,} documents"
    more = over.count() - SHOWN
    if more > 0:
        yield f"max_group = {limits.max_group}: and {more:,} more"


def _shares(placed: DataFrame, limits: Alarm) -> Iterator[str]:
    """Name what lost more than its limit: all documents, languages, input files and domains, those that lost most first."""
    checks = (
        ("max_removed_total", limits.max_removed_total, F.lit("of all documents")),
        ("max_removed", limits.max_removed, _named("language")),
        ("max_removed", limits.max_removed, _named("file_path")),
        ("max_removed_domain", limits.max_removed_domain, _named("domain")),
    )
    wanted = [
        F.struct(F.lit(key).alias("key"), F.lit(limit).alias("limit"), name.alias("name"))
        for key, limit, name in checks
        if limit < 1
    ]
    if not wanted:
        return
    # one pass for all kinds: a row a document and kind, counted before the shuffle
    counted = (
        placed.select(F.explode(F.array(*wanted)).alias("at"), (F.col("outcome") == "dropped").alias("gone"))
        .groupBy("at")
        .agg(F.count("*").alias("documents"), F.count_if("gone").alias("dropped"))
    )
    over = counted.where(F.col("documents") >= limits.min_documents).where("dropped > at.limit * documents")
    worst = Window.partitionBy("at.key").orderBy(F.desc("dropped"), "at.name")
    rows = over.withColumn("nth", F.row_number().over(worst)).where(F.col("nth") <= SHOWN + 1)
    for row in rows.orderBy(F.desc("at.key"), "nth").collect():
        key, limit, name = row["at"]
        if row["nth"] > SHOWN:
            yield f"{key} = {limit}: and others that lost fewer"
        else:
            share = row["dropped"] / row["documents"]
            yield f"{key} = {limit}: {row['dropped']:,} of {row['documents']:,} ({share:.1%}) dropped {name}"


def _named(column: str) -> Column:
    words = F.lit(f"of {column.removesuffix('_path')} ")
    return F.concat(words, F.coalesce(F.col(column), F.lit("unknown")))
