"""Annotations: what became of every capture, kept or not, as a table that joins Common Crawl's columnar index.

The columns of the join are the index's, by name and type: url_surtkey, crawl (a partition) and fetch_time, as commoncrawl/
cc-index-annotations joins, and warc_filename, warc_record_offset and warc_record_length, which name one capture. Ours begin with
`gristmill_`. A chunk is written again only if what was decided or measured of it has changed.
"""

from collections.abc import Collection, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from jobs.engine import documents
from jobs.engine.chunks import run_chunks
from jobs.engine.errors import LedgerError
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.ledger import Tally, tally
from jobs.engine.root import Root
from jobs.publish.digests import digests
from jobs.publish.settings import Publish
from jobs.publish.tables import FAILED
from udfs.page.surt_key import with_keys

FOLDER = "annotations"
REVISION = 1  # raised when the rows change
SCORES = ("language", "language_score", "token_count")  # with the signals among [publish] columns
ROWS_A_FILE = 5_000_000  # of some 100 bytes
CRAWL = r"crawl-data/([^/]+)/"  # of a file's place in Common Crawl's bucket; the index names files from there on


def write(job: Job[Publish]) -> None:
    """Write the annotations of every chunk that has none yet, and prove that every document has its row; or take them away.

    Raises LedgerError if the rows are not the documents.
    """
    root = job.root
    if not job.settings.annotations:
        root.delete(FOLDER)
        return
    keys = _chunk_keys(job)
    delete_gone(root, keys)
    run_chunks(job.context, folder=FOLDER, fingerprints=keys, work=lambda chunk: _write_chunk(job, chunk))
    table = root.product(FOLDER)
    written = tally(table.withColumnRenamed("gristmill_id", "id")) if table is not None else Tally()
    came = tally(job.documents())
    if came != written:
        raise LedgerError(
            f"publish: there are {came.count:,} documents and {written.count:,} annotations (sums of id hashes {came.id_sum} and "
            f"{written.id_sum}): the stage is not finished and nothing after it ran. Run it again with --from publish; if it happens "
            f"twice, it is a bug in gristmill"
        )


def delete_gone(root: Root, chunks: Collection[str]) -> None:
    """Delete the annotations of chunks that have no documents any more, such as those of files that cannot be read again."""
    gone = root.markers.chunks(FOLDER).keys() - set(chunks)
    _delete_chunks(root, sorted(gone))
    root.markers.forget_chunks(FOLDER, gone)


def _delete_chunks(root: Root, chunks: Sequence[str]) -> None:
    crawls = [name for name in root.names(FOLDER) if name.startswith("crawl=")] if chunks else []
    root.delete_all(f"{FOLDER}/{crawl}/chunk={chunk}" for crawl in crawls for chunk in chunks)


def _chunk_keys(job: Job[Publish]) -> dict[str, str]:
    """Fingerprint each chunk's annotations: the documents, what was measured of them, and every decision on them."""
    tables = [*(stage.decisions for stage in job.earlier if stage.decisions is not None)]
    decided = [digests(job.root.read(table), ["outcome", "reason"]) for table in tables]
    decided.append(digests(job.root.read(FAILED), ["error"]))
    source = job.context.job(job.context.source).how()
    sets = (job.root.markers.stage("signals") or {}).get("sets", {})
    own = {str(name): bad for name, bad in documents.content(job.root)}
    how = fingerprint(REVISION, _scores(job), source, sets, documents.duplicate_id_count(job.root))
    return {chunk: fingerprint(how, own.get(chunk), [digest.get(chunk) for digest in decided]) for chunk in job.chunks()}


def _scores(job: Job[Publish]) -> list[str]:
    wanted = (*SCORES, *job.settings.columns)
    return [signal.name for signal in job.context.catalogue if signal.name in wanted]


def _write_chunk(job: Job[Publish], chunk: str) -> dict[str, Any]:
    root = job.root
    _delete_chunks(root, [chunk])
    rows = annotated(job, chunk)
    files = max(1, -(-job.documents(chunk).count() // ROWS_A_FILE))
    fields = [StructField("url_surtkey", StringType()) if field.name == "url" else field for field in rows.schema]
    keyed = rows.mapInArrow(with_keys, StructType(fields))
    placed = keyed.repartitionByRange(files, "url_surtkey").sortWithinPartitions("crawl", "url_surtkey", "fetch_time")
    placed.write.mode("append").partitionBy("crawl", "chunk").parquet(root.at(FOLDER))
    return {"files": files}


def annotated(job: Job[Publish], chunk: str) -> DataFrame:
    """Return a row for each document of a chunk, `url` still in the place of its key."""
    captures = (job.context.source.source.noun if job.context.source.source is not None else "") == "captures"
    rows = job.documents(chunk).select("id", "url", "date", "dump", "file_path", "offset", "length", "outcome", "reason")
    fates = [_fate(job.context.source.name, F.col("outcome") != "extracted", F.col("outcome"), F.col("reason"))]
    rows = rows.join(job.signals(*_scores(job), chunk=chunk).drop("chunk"), on="id", how="left")
    fates.append(_fate("annotate", F.col("error").isNotNull(), F.lit("failed"), F.lit("annotate_error")))
    for stage in job.earlier:
        if stage.decisions is not None:
            decided = job.root.read(stage.decisions, chunk).select("id", F.struct("outcome", "reason").alias(stage.name))
            rows = rows.join(decided, on="id", how="left")
            own = F.col(stage.name)
            fates.append(_fate(stage.name, own["outcome"] != stage.kept, own["outcome"], own["reason"]))
    failed = job.root.read(FAILED, chunk).select("id", F.lit(True).alias("unpublished"))
    rows = rows.join(failed, on="id", how="left")
    fates.append(_fate("publish", F.col("unpublished"), F.lit("failed"), F.lit("publish_error")))
    kept = F.struct(F.lit(None).cast("string").alias("stage"), F.lit("kept").alias("outcome"), F.lit(None).alias("reason"))
    rows = rows.withColumn("fate", F.coalesce(*fates, kept))
    file = F.col("file_path")
    return rows.select(
        crawl_of(file, otherwise=F.col("dump")).alias("crawl"),
        "url",
        F.try_to_timestamp("date").cast("timestamp").alias("fetch_time"),
        F.when(F.lit(captures), name_of(file)).alias("warc_filename"),
        F.when(F.lit(captures), F.col("offset")).try_cast("int").alias("warc_record_offset"),  # null, where a cast would wrap
        F.when(F.lit(captures), F.col("length")).try_cast("int").alias("warc_record_length"),
        F.col("id").alias("gristmill_id"),
        *(F.col("fate")[name].alias(f"gristmill_{name}") for name in ("outcome", "stage", "reason")),
        *(F.col(name).alias(f"gristmill_{name}") for name in _scores(job)),
        F.lit(chunk).alias("chunk"),
    )


def crawl_of(file: Column, *, otherwise: Column) -> Column:
    """Return the crawl that a file of Common Crawl's bucket belongs to, wherever a copy lies; of another file `otherwise`."""
    crawl = F.regexp_extract(file, CRAWL, 1)
    return F.when(crawl != "", crawl).otherwise(otherwise)


def name_of(file: Column) -> Column:
    """Return the name that the index has for a file: its path from `crawl-data/` on; of another file its whole path."""
    return F.regexp_replace(file, f"^.*?({CRAWL})", "$1")


def _fate(stage: str, left: Column, outcome: Column, reason: Column) -> Column:
    """Return where a document left, and why; null if it did not leave there."""
    fate = F.struct(F.lit(stage).alias("stage"), outcome.cast("string").alias("outcome"), reason.cast("string").alias("reason"))
    return F.when(F.coalesce(left, F.lit(False)), fate)
