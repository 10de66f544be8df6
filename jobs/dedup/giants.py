"""Giant buckets of unlike documents: their members meet again under keys that lose no pair above the threshold."""

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedup.compare import SHINGLES, Work, shingle
from udfs.similarity.shingle_prefix import PrefixKeys, each_shingle

GIANT = 64  # members; a bucket of so many that the first round did not clear gets finer keys
SAMPLED = 5_000  # classes in which frequent shingles are counted
FREQUENT = 3  # times a shingle is met in the sample, or more often if there would be too many of them
MOST_FREQUENT = 1_000_000  # of them, which go to the driver and to every worker as 16 bytes each
KEYS = "key bigint, class bigint, n bigint, small boolean"


def rekey(standing: DataFrame, work: Work, *, folder: str) -> DataFrame:
    """Return the buckets with giant ones replaced: key, class, n, small.

    All pairs of a bucket of 100,000 would be five billion comparisons. Under keys of a bucket and one of its member's rarest shingles
    (`udfs/similarity/shingle_prefix.py`), as many as the threshold asks for, every pair at or above it meets, and what a template's pages share
    makes none. The order of shingles rests on counts in a sample; it decides how many meet, not who can be found.
    """
    giant = standing.where(F.col("members") > GIANT)
    classes = work.hold(giant.groupBy("class").agg(F.collect_set("key").alias("keys")))
    shingle(classes.select("class"), work, folder=folder, part="giant")
    shingles = (
        work.of((*work.rounds, folder), "shingles", SHINGLES)
        .where("error IS NULL")
        .drop("error")
        .join(classes, on="class", how="inner")
    )
    share = min(1.0, SAMPLED / max(1, classes.count()))
    sampled = shingles.where(F.pmod(F.xxhash64("class"), F.lit(1_000_000)) < int(share * 1_000_000))
    frequent = _frequent(sampled, work)
    keys = PrefixKeys(
        frequent["shingle"].to_numpy(),
        frequent["count"].to_numpy(),
        min_similarity=work.near.min_similarity,
        measure=work.near.measure,
    )
    fine = shingles.select("class", "shingles", "keys").mapInArrow(keys, KEYS)
    coarse = standing.where(F.col("members") <= GIANT).select("key", "class", "n", "small")
    return coarse.unionByName(fine)


def _frequent(sampled: DataFrame, work: Work) -> pa.Table:
    """Return shingle, count of the most frequent shingles of the sample."""
    counts = sampled.select("shingles").mapInArrow(each_shingle, "shingle bigint").groupBy("shingle").count()
    counts = work.hold(counts.where(F.col("count") >= FREQUENT))
    times = {
        int(row["count"]): int(row["shingles"]) for row in counts.groupBy("count").agg(F.count("*").alias("shingles")).collect()
    }
    least, total = max(times, default=FREQUENT) + 1, 0
    for count in sorted(times, reverse=True):
        total += times[count]
        if total > MOST_FREQUENT:
            break
        least = count
    return counts.where(F.col("count") >= least).toArrow()
