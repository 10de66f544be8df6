"""Extract: read WARC files and take the text of their pages, in one pass through Python workers (law 6)."""

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Observation
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.crawl.index_filter import with_records
from jobs.engine.context import Context, run_chunks
from jobs.engine.fingerprint import code, fingerprint, package_versions
from jobs.engine.ledger import Ledger, LedgerError, Tally, ledger
from jobs.engine.models import ModelFile
from jobs.engine.root import Root
from jobs.recipe.load import Extract, Run
from udfs.documents.worker import ROW_SCHEMA, FileRange, extract_files
from udfs.page.extractor import ExtractSettings
from udfs.page.gate import GateSettings
from udfs.page.main_text import ChainSettings

PACKAGES = ("fastwarc", "lxml", "resiliparse", "trafilatura", "charset-normalizer", "publicsuffixlist", "fasttext-community")
RECORDS_A_TASK = 1000  # about 30 MB of gzipped WARC, and a minute of a core: smaller tasks leave a crawl in small files
CAPTURES = ("response", "resource", "conversion")  # the record types that become a document row


def settings(recipe: Extract, *, language_model: ModelFile) -> ExtractSettings:
    """Translate the recipe's [extract] to what the workers take."""
    gate = recipe.gate
    return ExtractSettings(
        extractor=recipe.extractor,
        favor=recipe.favor,
        chain=ChainSettings(**recipe.chain.model_dump()),
        gate=GateSettings(**gate.model_dump(), language_model=language_model.path, language_sha256=language_model.sha256)
        if gate is not None
        else None,
        max_cpu_s=recipe.timeout_s,
        max_wall_s=12 * recipe.timeout_s,
        max_memory_mb=recipe.memory_mb,
        max_page_bytes=recipe.max_page_mb << 20,
        max_record_bytes=2 * recipe.max_page_mb << 20,  # HTTP headers and encoded bodies may be longer than the page
    )


def stale_key(context: Context) -> str:
    """Fingerprint what decides a chunk's documents: settings, the gate's model, dump name and code; a chunk's files never change."""
    recipe = context.recipe
    done_by = (code("udfs.documents.worker"), code("udfs.page.child"), package_versions(PACKAGES))
    model = context.language_model.sha256 if recipe.extract.gate is not None else None
    return fingerprint("extract", recipe.extract.model_dump(), model, recipe.run.dump, done_by)


def run(context: Context) -> Ledger:
    """Extract every unfinished chunk, then find records that share an id, and prove that no capture is missing.

    Writes documents/chunk=…/kind=document (a row for every capture) and kind=file (a row for every file or range).
    """
    root, (chunks_at_once, _) = context.root, readers(context.recipe.run)
    run_chunks(
        context,
        stage="documents",
        fingerprint=stale_key(context),
        chunks=root.chunks(),
        work=lambda chunk: _extract_chunk(context, chunk),
        at_once=chunks_at_once,
    )
    _mark_repeated(root)
    return _ledger(root)


def _extract_chunk(context: Context, chunk: str) -> dict[str, Any]:
    root, select = context.root, context.recipe.select
    plan = root.read_json(f"plan/{chunk}.json") or {}
    files = tuple(FileRange(**row) for row in plan["files"])
    chosen = settings(context.recipe.extract, language_model=context.language_model)
    gap = int(select.gap_mb * (1 << 20)) if select is not None else 0
    worker = extract_files(files, settings=chosen, dump=context.recipe.run.dump, gap_bytes=gap)
    _, most = readers(context.recipe.run)
    work = root.spark.range(0, len(files), 1, min(most, _tasks(files, cores=root.spark.sparkContext.defaultParallelism)))
    if plan.get("selected") is not None:
        work = with_records(work, root, files, key=plan["selected"])
    where = root.at("documents", f"chunk={chunk}")
    seen = Observation()  # for whoever watches; the ledger counts what was written
    extracted = F.col("document.outcome") == "extracted"
    (
        work.mapInArrow(worker, from_arrow_schema(ROW_SCHEMA))
        .observe(seen, F.count("document").alias("pages"), F.count_if(extracted).alias("kept"))
        .select(F.when(F.col("file").isNull(), "document").otherwise("file").alias("kind"), "document.*", "file")
        .write.mode("overwrite")
        .partitionBy("kind")
        .parquet(where)
    )
    failed = root.spark.read.parquet(f"{where}/kind=file").where("file.outcome = 'failed'").select("file.file_path").distinct()
    return {"files": len(files), "failed_files": sorted(str(row["file_path"]) for row in failed.collect()), **seen.get}


def readers(run: Run) -> tuple[int, int]:
    """Return how many chunks to extract side by side and how many tasks each may have, so that [run] max_readers holds.

    A task reads one file at a time, through one connection.
    """
    chunks = min(run.chunks_at_once, run.max_readers)
    return chunks, run.max_readers // chunks


def _tasks(files: Sequence[FileRange], *, cores: int) -> int:
    """Say in how many tasks to read files: one a file, so that no more is lost with a task; files with few chosen records share."""
    chosen = [file.chosen for file in files if file.chosen is not None]
    return min(len(files), max(cores, sum(chosen) // RECORDS_A_TASK)) if chosen else len(files)


def _mark_repeated(root: Root) -> None:
    """Write the records whose id another record already has; no such table is the common case."""
    root.delete("repeated")
    repeated = root.repeated()
    if not repeated.isEmpty():
        repeated.write.mode("overwrite").parquet(root.at("repeated"))


def _check_files(root: Root) -> None:
    """Raise LedgerError if a planned range has not told what became of it, or if bytes of a file are neither read nor listed."""
    planned = sum(len((root.read_json(f"plan/{chunk}.json") or {"files": []})["files"]) for chunk in root.chunks())
    told = root.files().count()
    if told != planned:
        raise LedgerError(
            f"extract: {planned:,} files or ranges are planned and {told:,} have told what became of them: the stage is not finished. "
            f"Was a folder below {root.at('documents')} taken away? Run again with --from extract"
        )
    accounted = F.expr("bytes_records + bytes_skipped + coalesce(bytes_unchosen, 0L)")
    sums = (F.sum(accounted).alias("read"), F.max("end").alias("size"))
    files = root.files().groupBy("chunk", "file_path").agg(*sums, F.max(F.expr("outcome = 'failed'")).alias("failed"))
    lost = files.where("NOT failed AND read != size").first()
    if lost is not None:
        raise LedgerError(
            f"extract: {lost['file_path']} has {lost['size']:,} bytes, and {lost['read']:,} were read, listed as skipped, or not chosen: the stage is "
            f"not finished. Did the file change while it was read? Run again with --from extract"
        )


def _check_chosen(root: Root) -> None:
    """Raise LedgerError if a file read by [select] does not tell of exactly as many records as were chosen."""
    chosen = {
        (chunk, row["file_path"]): row["chosen"]
        for chunk in root.chunks()
        for row in (root.read_json(f"plan/{chunk}.json") or {"files": []})["files"]
        if row.get("chosen") is not None
    }
    if not chosen:
        return
    told = F.expr("aggregate(map_values(records), 0L, (sum, n) -> sum + n) + coalesce(not_found, 0L)")
    for row in root.files().where("outcome != 'failed'").select("chunk", "file_path", told.alias("told")).collect():
        wanted = chosen.get((row["chunk"], row["file_path"]))
        if wanted is not None and row["told"] != wanted:
            raise LedgerError(
                f"extract: of {row['file_path']} {wanted:,} records are chosen, and {row['told']:,} have told what became of them: the stage "
                f"is not finished. Run again with --from extract"
            )


def _ledger(root: Root) -> Ledger:
    """Hold what the files' rows say was read against the documents that were written, and every byte against its file."""
    _check_files(root)
    _check_chosen(root)
    failed = set(root.failed_files(root.chunks()))
    captures = F.expr(" + ".join(["coalesce(not_found, 0L)", *(f"coalesce(records['{kind}'], 0L)" for kind in CAPTURES)]))
    rows = root.files().groupBy("chunk", "file_path").agg(F.sum(captures).alias("captures")).collect()
    came = sum(int(row["captures"]) for row in rows if (row["chunk"], row["file_path"]) not in failed)
    documents = ledger(came=Tally(), decisions=root.documents(), kept="extracted")
    if root.exists("repeated"):
        again = root.table("repeated").selectExpr("id", "'dropped' AS outcome", "'repeated_id' AS reason")
        documents.dropped.update(ledger(came=Tally(), decisions=again, kept="extracted").dropped)
    out = sum((t for part in (documents.dropped, documents.failed) for t in part.values()), documents.kept)
    return Ledger(Tally(came, out.id_sum), documents.kept, documents.dropped, documents.failed)


def totals(root: Root) -> dict[str, Any]:
    """Sum up the files' rows: files, bytes, skipped bytes, worker seconds."""
    row = (
        root.files()
        .agg(
            F.countDistinct("file_path").alias("files"),
            F.sum("bytes_records").alias("bytes_records"),
            F.sum("bytes_skipped").alias("bytes_skipped"),
            F.sum("bytes_unchosen").alias("bytes_unchosen"),
            F.sum("bytes_requested").alias("bytes_requested"),
            F.sum("requests").alias("requests"),
            F.sum("seconds").alias("worker_seconds"),
            F.max("child_peak_mb").alias("child_peak_mb"),
            F.max("worker_peak_mb").alias("worker_peak_mb"),
            F.sum("child_restarts").alias("child_restarts"),
            F.sum("pages_reused").alias("pages_reused"),
        )
        .first()
    )
    return row.asDict() if row is not None else {}
