"""Dedup: exact copies and near-duplicates as a distributed join; every drop names a kept witness and how similar it measured.

The result is that of one pass over the documents in survivor order which drops a document if, and only if, some kept earlier
document has its URL, its text or its payload, or shares an LSH bucket with it and measures at or above the threshold (law 5).
"""

from collections.abc import Callable
from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedup import index as dedup_index
from jobs.dedup.compare import Work
from jobs.dedup.index import Published
from jobs.dedup.keys import write_keys
from jobs.dedup.order import where, write_order
from jobs.dedup.rounds import DECIDED, Round, run_round
from jobs.engine.context import Context
from jobs.engine.fingerprint import code, fingerprint
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.numbering import numbered
from jobs.engine.root import Root
from jobs.filter import stage as filter_stage
from jobs.recipe.load import Dedup, MinHash

MOST_ROUNDS = (
    100  # leaders grow past any bucket in a dozen; what is left then are chains, which the last round takes in one pass
)


class DedupError(RuntimeError):
    """Say that the rounds did not come to an end."""


def stale_key(context: Context) -> str:
    """Fingerprint what decides the decisions: the filter's, the settings, the published dumps and the code."""
    upstream = filter_stage.stale_key(context)
    settings = context.recipe.dedup.model_dump(exclude={"alarm"})
    against = {dump.name: dump.fingerprint for dump in _against(context)}
    return fingerprint(
        "dedup",
        upstream,
        settings,
        against,
        code("jobs.dedup.stage"),
        code("udfs.similarity.shingles"),
        code("udfs.similarity.shingle_prefix"),
    )


def run(context: Context) -> Ledger:
    """Decide which of the filter's documents are duplicates, and prove that each has one decision.

    1. Documents are numbered in survivor order (`order`); documents of published dumps that share a key with one of them come
       before all (`index`).
    2. Exact groups and LSH buckets of two members and more say which documents are contested (`keys`).
    3. In rounds, the best undecided documents of each bucket are compared with the rest of it; a document that no undecided better one
       can drop is kept, and what measures as its duplicate is dropped (`rounds`).
    4. Each step is Parquet under dedup/<fingerprint>/, so a killed run goes on with the round it was in.
    """
    root, settings = context.root, context.recipe.dedup
    work = f"dedup/{stale_key(context)}"
    for other in root.names("dedup"):
        if f"dedup/{other}" != work:
            root.delete(f"dedup/{other}")
    published = _against(context)
    decisions = decisions_of(root, settings=settings, work=work, say=context.progress.say, published=published)
    decisions.repartition("chunk").write.mode("overwrite").partitionBy("chunk").parquet(root.at("decisions/dedup"))
    came = tally(root.table("decisions/filter").where("outcome = 'kept'"))
    return ledger(came=came, decisions=root.deduped(), kept="kept")


def _against(context: Context) -> tuple[Published, ...]:
    return dedup_index.against(context.root, settings=context.recipe.dedup, own=context.recipe.run.dump)


def publish_to_index(context: Context, *, corpus: DataFrame | None) -> None:
    """Add the published documents to the recipe's index, if it names one; of duplicates that stay, the survivors."""
    if corpus is None or context.recipe.dedup.index is None:
        return
    work = f"dedup/{stale_key(context)}"
    survivors = context.root.deduped().where("duplicate_of IS NULL").select("id")
    kept = corpus.select("id").join(survivors, on="id", how="left_semi")
    dedup_index.publish(context.root, work, settings=context.recipe.dedup, own=context.recipe.run.dump, kept=kept)


def decisions_of(
    root: Root, *, settings: Dedup, work: str, say: Callable[[str], None], published: tuple[Published, ...] = ()
) -> DataFrame:
    """Return id, chunk, outcome, reason, duplicate_of, similarity, duplicate_dump, group_id, group_size of the filter's documents."""
    write_order(root, work, settings=settings)
    if root.read_json(f"{work}/keys.json") is None:
        own = numbered(root, work).withColumn("dump", F.lit(None).cast("string"))
        called = dedup_index.call(root, work, published=published, pool=own)
        pool = own if called is None else own.unionByName(root.save(called, f"{work}/called"))
        write_keys(root, work, pool=pool, settings=settings)
    roots = {dump.name: Root(root.spark, dump.root) for dump in published}
    minhash = settings.minhash or MinHash()  # without LSH keys there are no pairs to compare
    state = Work(root=root, folder=work, rounds=(), minhash=minhash, published=roots)
    return _decisions(_run_rounds(state, say=say), mode=settings.mode)


def _run_rounds(work: Work, *, say: Callable[[str], None]) -> Work:
    """Run rounds until no contested document is undecided."""
    root = work.root
    left = int((root.read_json(f"{work.folder}/keys.json") or {"contested": 0})["contested"])
    contested, buckets = "contested", "buckets"
    while left:
        number = len(work.rounds)
        folder = f"{work.folder}/round={number:03d}"
        marker = root.read_json(f"{folder}/round.json")
        if marker is None:
            if number >= MOST_ROUNDS:
                raise DedupError(
                    f"{left:,} documents are undecided after {number} rounds: nothing is published. A bug in gristmill"
                )
            this = Round(number=number, folder=folder, contested=contested, buckets=buckets, left=left)
            marker = run_round(work, this)
            if marker["left"] == left:
                raise DedupError(f"round {number} decided nothing with {left:,} documents left: a bug in gristmill")
            root.write_json(f"{folder}/round.json", marker)
        left = int(marker["left"])
        work = replace(work, rounds=(*work.rounds, folder))
        contested, buckets = f"round={number:03d}/contested", f"round={number:03d}/buckets"
        say(
            f"  round {number}: best {marker['leaders']:,} of each bucket, {marker['pairs']:,} pairs compared, {marker['kept']:,} kept, {marker['dropped']:,} dropped"
        )
    return work


def _decisions(work: Work, *, mode: str) -> DataFrame:
    """Join the decisions to all documents of the dump; one that shares no key with another is kept. Groups are stars around the kept."""
    root = work.root
    decided = work.earlier("decided", DECIDED)
    if root.exists(f"{work.folder}/superseded"):
        decided = decided.unionByName(work.table("superseded"))
    places = where(root, work.folder)
    witnesses = places.selectExpr("nr AS witness", "id AS duplicate_of", "dump AS duplicate_dump")
    drops = decided.where("witness IS NOT NULL").join(witnesses, on="witness", how="inner").drop("witness")
    rows = places.where("dump IS NULL").select("nr", "id", "chunk").join(drops, on="nr", how="left")
    rows = rows.withColumn("group_id", F.coalesce("duplicate_of", "id"))
    sizes = rows.where("duplicate_of IS NOT NULL").groupBy("group_id").agg((F.count("*") + 1).alias("size"))
    outcome = F.coalesce("outcome", F.lit("kept")) if mode == "drop" else F.lit("kept")
    reason = F.col("reason") if mode == "drop" else F.lit(None).cast("string")
    return rows.join(sizes, on="group_id", how="left").select(
        "id",
        "chunk",
        outcome.alias("outcome"),
        reason.alias("reason"),
        "duplicate_of",
        "similarity",
        "duplicate_dump",
        "group_id",
        F.coalesce("size", F.lit(1).cast("long")).alias("group_size"),
    )
