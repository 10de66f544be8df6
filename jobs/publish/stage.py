"""Publish: put decisions, edits and text together and write the product, partitioned Parquet in files of a sensible size."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedup import stage as dedup
from jobs.engine.context import Context, run_chunks
from jobs.engine.fingerprint import code, fingerprint
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.root import SIGNALS, Root
from jobs.passages import stage as parts
from jobs.recipe.load import RecipeError
from udfs.documents.worker import DOCUMENT_FIELDS
from udfs.edits.edit_batches import apply_edits
from udfs.signals.annotator import CATALOGUE

FINEWEB = ("text", "id", "dump", "url", "date", "file_path", "language", "language_score", "token_count")
PARTITIONS = ("dump", "language", "chunk")  # in the path, not in the files; a chunk of its own, so that redoing one replaces it
DEDUPS = ("group_id", "duplicate_of", "similarity", "duplicate_dump")  # what dedup knows; of use where duplicates stay
NOT_PUBLISHED = ("nth", "outcome", "reason", "error")
BYTES_A_TOKEN = 4  # of UTF-8 text; only steers how many files there are


def stale_key(context: Context) -> str:
    """Fingerprint what decides a chunk's share of the corpus."""
    own = (context.recipe.publish.model_dump(), code("jobs.publish.stage"), code("udfs.edits.edit_batches"))
    before = dedup if context.recipe.parts is None else parts
    return fingerprint("publish", before.stale_key(context), own)


def check_columns(columns: tuple[str, ...]) -> None:
    """Raise RecipeError if [publish] columns names one that is unknown, named twice, or there anyway."""
    every = (*DOCUMENT_FIELDS.names, *(s.name for s in CATALOGUE), *DEDUPS)
    known = [name for name in every if name not in (*FINEWEB, *NOT_PUBLISHED)]
    wrong = [name for name in columns if name not in known] + [name for name in set(columns) if columns.count(name) > 1]
    if wrong:
        raise RecipeError(
            f"[publish] columns: {', '.join(sorted(wrong))}: unknown, named twice, or there anyway; nothing was run. Known: {', '.join(known)}"
        )


def run(context: Context) -> Ledger:
    """Write every unfinished chunk's documents to corpus/dump=…/language=…/chunk=…, and prove that none is missing or doubled.

    Chunks are written one after another, because Spark's writers share a scratch folder below the output path.
    """
    root = context.root
    key = stale_key(context)
    run_chunks(
        context, stage="corpus", fingerprint=key, chunks=root.chunks(), work=lambda chunk: _publish_chunk(context, chunk)
    )
    decided = root.deduped() if context.recipe.parts is None else parts.decisions(root)
    came = tally(decided.where("outcome = 'kept'"))
    written = corpus(root)
    if written is None:
        return Ledger(came=came, kept=came) if came.count == 0 else ledger(came=came, decisions=_nothing(root), kept="kept")
    return ledger(came=came, decisions=written.selectExpr("id", "'kept' AS outcome", "NULL AS reason"), kept="kept")


def corpus(root: Root) -> DataFrame | None:
    """Read the product; None if no document was kept."""
    if not any(name.startswith("dump=") for name in root.names("corpus")):
        return None
    return root.table("corpus")


def _nothing(root: Root) -> DataFrame:
    return root.spark.createDataFrame([], "id string, outcome string, reason string")


def _publish_chunk(context: Context, chunk: str) -> dict[str, Any]:
    root, settings = context.root, context.recipe.publish
    _clear(root, chunk)
    left = parts.kept(root, chunk) if context.recipe.parts is not None else None
    rows = product(root, chunk, columns=settings.columns, left=left)
    slots = _slots(rows, file_bytes=settings.file_mb << 20)
    if not slots:
        return {"documents": 0, "files": 0}
    total = sum(files for _, _, files in slots)
    sizes = root.spark.createDataFrame(slots, "language string, first bigint, files bigint")
    routed = (
        rows.join(F.broadcast(sizes), on="language", how="inner")
        .withColumn("slot", F.col("first") + F.pmod(F.xxhash64("id"), "files"))
        .join(F.broadcast(_routes(root, total)), on="slot", how="inner")
        .repartition(total, "route")  # the one shuffle of text: each slot goes to a partition, and so to a file, of its own
        .drop("slot", "route", "first", "files")
    )
    texts = routed.mapInArrow(apply_edits, routed.drop("edits", "cuts").schema)
    texts.sortWithinPartitions(*PARTITIONS, "id").write.mode("append").partitionBy(*PARTITIONS).parquet(root.at("corpus"))
    return {"files": total}


def product(root: Root, chunk: str, *, columns: tuple[str, ...], left: DataFrame | None = None) -> DataFrame:
    """Return the kept documents of a chunk with the product's columns, and `edits` and `cuts`, which are not applied yet.

    `left` has id and cuts of those that the parts stage kept, if there was one. The kept ids and their signals are broadcast: a
    chunk's are some megabytes, and so its text stays where it was read.
    """
    kept = root.deduped(chunk).where("outcome = 'kept'").select("id", "group_size", *(c for c in columns if c in DEDUPS))
    no_cuts = F.lit(None).cast(SIGNALS["edits"].dataType)
    kept = kept.withColumn("cuts", no_cuts) if left is None else kept.join(left, on="id", how="inner")
    documents, signals = root.documents(chunk).drop("chunk"), root.signals(chunk).drop("chunk")
    measured = [name for name in ("language", "language_score", "token_count", *columns) if name in signals.columns]
    facts = kept.join(signals.select("id", *measured, "edits"), on="id", how="inner")
    rows = documents.join(F.broadcast(facts), on="id", how="inner").withColumn("chunk", F.lit(chunk))
    rows = rows.withColumn("language", F.coalesce("language", F.lit("und"))).withColumnRenamed("group_size", "duplicate_count")
    return rows.select(*FINEWEB, *(c for c in columns if c not in FINEWEB), "duplicate_count", "chunk", "edits", "cuts")


def _slots(rows: DataFrame, *, file_bytes: int) -> list[tuple[str, int, int]]:
    """Say for each language the number of its first file and how many files it gets."""
    sizes = rows.groupBy("language").agg(F.sum("token_count").alias("tokens")).orderBy("language").collect()
    slots: list[tuple[str, int, int]] = []
    first = 0
    for row in sizes:
        files = max(1, -(-int(row["tokens"] or 0) * BYTES_A_TOKEN // file_bytes))
        slots.append((str(row["language"]), first, files))
        first += files
    return slots


def _routes(root: Root, total: int) -> DataFrame:
    """Find for each slot a number that Spark's hash partitioning sends to the partition of that number.

    Spark puts a row into partition pmod(hash(key), n); left to hash the slots themselves, some partitions would get several slots
    and others none. Of 40 n numbers each partition is missed with probability e^-40.
    """
    numbers = root.spark.range(40 * total + 40).select(F.col("id").alias("route"))
    return numbers.groupBy(F.pmod(F.hash("route"), F.lit(total)).cast("long").alias("slot")).agg(F.min("route").alias("route"))


def _clear(root: Root, chunk: str) -> None:
    """Delete what an unfinished or outdated run has written of this chunk."""
    for dump in root.names("corpus"):
        if dump.startswith("dump="):
            for language in root.names(f"corpus/{dump}"):
                root.delete(f"corpus/{dump}/{language}/chunk={chunk}")
