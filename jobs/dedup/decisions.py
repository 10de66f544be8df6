"""The decisions of dedup: what the rounds decided, joined to all documents of the dump, with their groups."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedup.compare import SHINGLES, Work
from jobs.dedup.newest import FOLDER as NEWEST
from jobs.dedup.one_pass import DECIDED
from jobs.dedup.order import where


def joined_decisions(work: Work, *, mode: str) -> DataFrame:
    """Join the decisions to all documents of the dump; one that shares no key with another is kept. Groups are stars around the kept."""
    root = work.root
    places = where(root, work.folder)
    drops = root.once(f"{work.rounds_folder}/drops", lambda: _drops(work, places))
    rows = places.where("dump IS NULL").select("nr", "id", "chunk").join(drops, on="nr", how="left")
    rows = rows.withColumn("group_id", F.coalesce("duplicate_of", "id"))
    sizes = drops.groupBy(F.col("duplicate_of").alias("group_id")).agg((F.count("*") + 1).alias("size"))
    rows = rows.join(_failed(work), on="nr", how="left")
    outcome = F.coalesce("outcome", F.lit("kept")) if mode == "drop" else F.lit("kept")
    reason = F.col("reason") if mode == "drop" else F.lit(None).cast("string")
    return rows.join(sizes, on="group_id", how="left").select(
        "id",
        "chunk",
        F.when(F.col("failed"), "failed").otherwise(outcome).alias("outcome"),
        F.when(F.col("failed"), "dedup_error").otherwise(reason).alias("reason"),
        "duplicate_of",
        "similarity",
        "duplicate_dump",
        "group_id",
        F.coalesce("size", F.lit(1).cast("long")).alias("group_size"),
    )


def _drops(work: Work, places: DataFrame) -> DataFrame:
    """Return nr, outcome, reason, similarity, duplicate_of, duplicate_dump of the documents that have a witness."""
    decided = work.earlier("decided", DECIDED)
    if work.root.exists(f"{work.folder}/superseded"):
        decided = decided.unionByName(work.table("superseded"))
    witnesses = places.selectExpr("nr AS witness", "id AS duplicate_of", "dump AS duplicate_dump")
    return decided.where("witness IS NOT NULL").join(witnesses, on="witness", how="inner").drop("witness")


def _failed(work: Work) -> DataFrame:
    """Return nr and failed (true) of the documents whose text could not be shingled: nobody knows whom they duplicate."""
    bad = work.of(work.rounds, "shingles", SHINGLES).where("error IS NOT NULL").select(F.col("class").alias("text"))
    failed = work.of((f"{work.folder}/{NEWEST}",), "shingles", SHINGLES).where("error IS NOT NULL").select("class")
    if work.rounds:
        contested = work.table("contested").select("nr", "text")
        failed = failed.unionByName(contested.join(bad, on="text", how="left_semi").select(F.col("nr").alias("class")))
    return failed.distinct().select(F.col("class").alias("nr"), F.lit(True).alias("failed"))
