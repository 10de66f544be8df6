"""Kept documents brought to the files that they are written to."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.facts_of_texts import with_facts
from jobs.engine.small_table import small_table

BYTES_A_TOKEN = 4  # of UTF-8 text; only steers how many files there are


@dataclass(frozen=True)
class Slots:
    """Say for each language the number of its first file and how many files it gets, and how many documents there are in all."""

    of: tuple[tuple[str, int, int], ...]
    documents: int

    @property
    def files(self) -> int:
        """Return how many files there are."""
        return sum(files for _, _, files in self.of)


def slots_of(facts: DataFrame, *, file_bytes: int) -> Slots:
    """Count a chunk's files by language, from id, language and token_count of its documents. No text is read."""
    sizes = facts.groupBy("language").agg(F.sum("token_count").alias("tokens"), F.count("*").alias("n"))
    slots: list[tuple[str, int, int]] = []
    first = documents = 0
    for row in sorted(sizes.collect(), key=lambda row: str(row["language"])):
        files = max(1, -(-int(row["tokens"] or 0) * BYTES_A_TOKEN // file_bytes))
        slots.append((str(row["language"]), first, files))
        first += files
        documents += int(row["n"])
    return Slots(tuple(slots), documents)


def routed(texts: DataFrame, facts: DataFrame, slots: Slots) -> DataFrame:
    """Join facts (id, language and more) to texts by id, with a partition for each file: the rows of its slot and no others.

    The facts of a few documents are broadcast, and the text moves once: to its file. A text says nothing of its language, so those of
    more documents are shuffled to their facts first, and move twice; nothing that grows with a chunk goes through the driver.
    """
    rows = with_facts(texts, _placed(facts, slots), rows=slots.documents)
    return rows.repartition(slots.files, "route").drop("route")


def _placed(facts: DataFrame, slots: Slots) -> DataFrame:
    """Add `route`, which Spark's hash partitioning sends to the partition of the document's file."""
    sizes = small_table(facts.sparkSession, slots.of, "language string, first bigint, files bigint")
    return (
        facts.join(F.broadcast(sizes), on="language", how="inner")
        .withColumn("slot", F.col("first") + F.pmod(F.xxhash64("id"), "files"))
        .join(F.broadcast(_routes(facts, slots.files)), on="slot", how="inner")
        .drop("slot", "first", "files")
    )


def _routes(facts: DataFrame, total: int) -> DataFrame:
    """Find for each slot a number that Spark's hash partitioning sends to the partition of that number.

    Spark puts a row into partition pmod(hash(key), n); left to hash the slots themselves, some partitions would get several slots
    and others none. Of 40 n numbers each partition is missed with probability e^-40. Spark's planner hashes them: no job runs.
    """
    spark = facts.sparkSession
    numbers = small_table(spark, [(number,) for number in reversed(range(40 * total + 40))], "route bigint")
    sent = numbers.select(F.pmod(F.hash("route"), F.lit(total)).cast("long").alias("slot"), "route").collect()
    smallest = {int(row["slot"]): int(row["route"]) for row in sent}
    return small_table(spark, list(smallest.items()), "slot bigint, route bigint")
