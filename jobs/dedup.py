"""Dedup: exact copies and near-duplicates as a distributed join; every drop names a kept witness and how similar it measured.

The result is that of one pass over the documents in survivor order which drops a document if, and only if, some kept earlier
document has its URL, has its text, or shares an LSH bucket with it and measures at or above the threshold (law 5).
"""

from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs import filter as filter_stage
from jobs.context import Context
from jobs.dedup_round import DECIDED, Round, State, run_round
from jobs.fingerprint import code, fingerprint
from jobs.ledger import Ledger, ledger, tally
from jobs.recipe import Dedup, MinHash
from jobs.root import Root
from jobs.survivor import rank


class DedupError(RuntimeError):
    """Say that the rounds did not come to an end."""


def stale_key(context: Context) -> str:
    """Fingerprint what decides the decisions: the filter's, the settings and the code."""
    upstream = filter_stage.stale_key(context)
    return fingerprint("dedup", upstream, context.recipe.dedup.model_dump(), code("jobs.dedup"), code("udfs.shingles"))


def run(context: Context) -> Ledger:
    """Decide which of the filter's documents are duplicates, and prove that each has one decision.

    1. Every document gives keys: its URL, its text, its LSH bands. Only documents that share a key with another are contested.
    2. In rounds, the best undecided documents of each bucket are compared with the rest of it; a document with no undecided better
       one left in any bucket is kept, and what measures as its duplicate is dropped (`jobs/dedup_round.py`).
    3. Each round is Parquet under dedup/<fingerprint>/, so a killed run goes on with the round it was in.
    """
    root, settings = context.root, context.recipe.dedup
    work = f"dedup/{stale_key(context)}"
    for other in root.names("dedup"):
        if f"dedup/{other}" != work:
            root.delete(f"dedup/{other}")
    decisions = decisions_of(root, settings=settings, work=work, say=context.progress.say)
    decisions.repartition("chunk").write.mode("overwrite").partitionBy("chunk").parquet(root.at("decisions/dedup"))
    came = tally(root.table("decisions/filter").where("outcome = 'kept'"))
    return ledger(came=came, decisions=root.deduped(), kept="kept")


def decisions_of(root: Root, *, settings: Dedup, work: str, say: Callable[[str], None]) -> DataFrame:
    """Return id, chunk, outcome, reason, duplicate_of, similarity, group_id, group_size of the filter's documents."""
    if root.read_json(f"{work}/keys.json") is None:
        _write_keys(root, work, pool=root.save(_pool(root, settings), f"{work}/pool"))
    return _decisions(root, work, rounds=_run_rounds(root, work, settings=settings, say=say))


def _pool(root: Root, settings: Dedup) -> DataFrame:
    """Return the documents that passed the filter: id, chunk, rank, and keys, an array of (kind, 64-bit key)."""
    kept = root.table("decisions/filter").where("outcome = 'kept'").select("id", "chunk")
    signals = root.signals().drop("chunk", "edits", "error")
    documents = root.documents().select("id", "url_key", "date")
    rows = kept.join(signals, on="id", how="inner").join(documents, on="id", how="inner")
    none = F.array().cast("array<struct<kind:string,key:bigint>>")

    def one(kind: str, column: str, wanted: bool) -> Column:
        key = F.array(F.struct(F.lit(kind).alias("kind"), F.xxhash64(column).alias("key")))
        return F.when(F.lit(wanted) & F.col(column).isNotNull(), key).otherwise(none)

    lsh = F.coalesce(band_keys(settings.minhash), none) if settings.minhash is not None else none
    keys = F.concat(one("url", "url_key", settings.exact_url), one("text", "text_hash", settings.exact_text), lsh)
    return rows.select("id", "chunk", rank(settings.survivor).alias("rank"), keys.alias("keys"))


def band_keys(minhash: MinHash) -> Column:
    """Cut the binary signature into one 64-bit key a band, in Spark: no Python worker runs, and bands can change for nothing."""
    width = 4 * minhash.rows  # the signature is little-endian uint32 values, band after band
    keys = [
        F.struct(
            F.lit("lsh").alias("kind"), F.xxhash64(F.lit(band), F.substring("minhash", band * width + 1, width)).alias("key")
        )
        for band in range(minhash.bands)
    ]
    return F.when(F.col("minhash").isNotNull(), F.array(*keys))


def _write_keys(root: Root, work: str, *, pool: DataFrame) -> None:
    """Write the keys that more than one document has, and the documents that have such a key."""
    exploded = pool.select("id", F.explode("keys").alias("k")).select("k.kind", "k.key", "id")
    shared = exploded.groupBy("kind", "key").agg(F.count("*").alias("members")).where("members > 1").select("kind", "key")
    keys = root.save(exploded.join(shared, on=["kind", "key"], how="left_semi"), f"{work}/keys")
    contested = root.save(pool.select("id", "chunk", "rank").join(keys, on="id", how="left_semi"), f"{work}/contested")
    root.write_json(f"{work}/keys.json", {"contested": contested.count()})


def _run_rounds(root: Root, work: str, *, settings: Dedup, say: Callable[[str], None]) -> list[str]:
    """Run rounds until no contested document is undecided; return the folders of all rounds."""
    contested = int((root.read_json(f"{work}/keys.json") or {"contested": 0})["contested"])
    folders: list[str] = []
    decided = 0
    while decided < contested:
        number = len(folders)
        folder = f"{work}/round={number:03d}"
        marker = root.read_json(f"{folder}/round.json")
        if marker is None:
            minhash = settings.minhash or MinHash()  # without LSH keys there are no pairs to compare
            this = Round(number=number, folder=folder, verify=minhash.verify, ngram=minhash.ngram)
            marker = run_round(State(root=root, work=work, rounds=tuple(folders)), this=this)
            if not marker["decided"]:
                raise DedupError(
                    f"round {number} decided nothing with {contested - decided:,} documents left: a bug in gristmill"
                )
            root.write_json(f"{folder}/round.json", marker)
        decided += int(marker["decided"])
        folders.append(folder)
        say(f"  round {number}: {marker['pairs']:,} pairs compared, {marker['kept']:,} kept, {marker['dropped']:,} dropped")
    return folders


def _decisions(root: Root, work: str, *, rounds: list[str]) -> DataFrame:
    """Join the rounds' decisions to all documents; one that shares no key with another is kept. Groups are stars around the kept."""
    everyone = root.table(f"{work}/pool").select("id", "chunk")
    if rounds:
        decided = root.spark.read.schema(DECIDED).parquet(*[root.at(folder, "decided") for folder in rounds])
        rows = everyone.join(decided, on="id", how="left")
    else:
        rows = everyone.selectExpr(
            "id",
            "chunk",
            "cast(NULL AS string) AS outcome",
            "cast(NULL AS string) AS reason",
            "cast(NULL AS string) AS duplicate_of",
            "cast(NULL AS double) AS similarity",
        )
    rows = rows.withColumn("outcome", F.coalesce("outcome", F.lit("kept"))).withColumn(
        "group_id", F.coalesce("duplicate_of", "id")
    )
    sizes = rows.where("duplicate_of IS NOT NULL").groupBy("group_id").agg((F.count("*") + 1).alias("size"))
    return rows.join(sizes, on="group_id", how="left").select(
        "id",
        "chunk",
        "outcome",
        "reason",
        "duplicate_of",
        "similarity",
        "group_id",
        F.coalesce("size", F.lit(1).cast("long")).alias("group_size"),
    )
