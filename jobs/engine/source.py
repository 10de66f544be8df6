"""What every source does beside reading: run chunks, find records that share an id, and prove that no record is missing.

The law of a source: each record of the input that is to become a document is one, whatever became of it, and each byte of a file is
read, listed as skipped, or not chosen. A child of another document names its parents.
"""

from collections.abc import Callable, Sequence
from typing import Any

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from jobs.engine import documents
from jobs.engine.chunks import run_chunks
from jobs.engine.errors import LedgerError, RecipeError
from jobs.engine.job import Job
from jobs.engine.killed_workers import isolated_if_killed
from jobs.engine.ledger import Ledger, Tally, ledger
from jobs.engine.plan import ranges_in
from jobs.engine.reason import Reason
from jobs.engine.root import Root
from jobs.engine.stage import Otherwise
from jobs.recipe.recipe import Run
from udfs.documents.file_row import FileRange

REASONS = (
    Reason(
        "failed",
        "unreadable",
        "the file could not be opened or read to its end, or changed while it was read; its error says which",
        "run the same command again: only such files are retried",
        scope="file",
    ),
    Reason(
        "failed",
        "crashed",
        "reading the file killed the process that read it; its error says how",
        "take the file out of the input if it does so again",
        scope="file",
    ),
    Reason(
        "dropped",
        "duplicate_id",
        "another record, earlier by chunk, file and offset, has the same id",
        "an input is given twice under two names? A corpus whose ids repeat: [read] id = [] names rows by their place",
    ),
)

# make of files, and of whether each is to be read in a process of its own, the job that reads them
Read = Callable[[str, tuple[FileRange, ...], bool], DataFrame]


def run_source(job: Job[Any], *, read: Read) -> Ledger:
    """Read every unfinished chunk, then find records that share an id, and prove that no record is missing.

    Writes documents/chunk=…/kind=document (a row for every record) and kind=file (a row for every file or range). A chunk whose job
    fails is read once more with each file in a process of its own, so that a file which kills its reader costs that file alone.
    """
    context, (chunks_at_once, _) = job.context, readers(job.recipe.run)
    plan = documents.planned(job.root)
    how = job.how()

    def one(chunk: str) -> dict[str, Any]:
        files = ranges_in(plan[chunk])
        return isolated_if_killed(
            context,
            lambda isolate: _read_chunk(job.root, chunk, files, read(chunk, files, isolate)),
            what=f"chunk {chunk}: each of its files is read in a process of its own",
        )

    run_chunks(
        context,
        folder=documents.DOCUMENTS.path,
        fingerprints=dict.fromkeys(plan, how),
        work=one,
        at_once=chunks_at_once,
    )
    documents.write_duplicate_ids(job.root)
    return _ledger(job, plan)


def readers(run: Run) -> tuple[int, int]:
    """Return how many chunks to read side by side and how many tasks each may have, so that [run] max_readers holds.

    A task reads one file at a time, through one connection.
    """
    chunks = min(run.chunks_at_once, run.max_readers)
    return chunks, run.max_readers // chunks


def _read_chunk(root: Root, chunk: str, files: Sequence[FileRange], rows: DataFrame) -> dict[str, Any]:
    """Write the rows of a chunk, and return the facts for its marker."""
    where = root.at("documents", f"chunk={chunk}")
    seen = Observation()  # for whoever watches; the ledger counts what was written
    extracted = F.col("document.outcome") == "extracted"
    (
        rows.observe(seen, F.count("document").alias("pages"), F.count_if(extracted).alias("kept"))
        .select(F.when(F.col("file").isNull(), "document").otherwise("file").alias("kind"), "document.*", "file")
        .write.mode("overwrite")
        .partitionBy("kind")
        .parquet(where)
    )
    failed = documents.file_rows(root, [chunk]).where("file.outcome = 'failed'").select("file.file_path").distinct()
    paths = sorted(str(row["file_path"]) for row in failed.collect())
    good = len({part.file_path for part in files}) - len(paths)
    return {"files": len(files), "good_files": good, "failed_files": paths, **seen.get}


def _ledger(job: Job[Any], plan: dict[str, dict[str, Any]]) -> Ledger:
    """Hold what the files' rows say was read against the documents that were written, and every byte against its file."""
    root, source = job.root, job.stage.source
    assert source is not None
    _check_files(root, plan, stage=job.stage.name)
    failed = set(documents.failed_files(root))
    told = documents.files(root)
    rows = told.groupBy("chunk", "file_path").agg(F.sum(F.expr(source.captures)).alias("captures")).collect()
    came = sum(int(row["captures"]) for row in rows if (row["chunk"], row["file_path"]) not in failed)
    found = ledger(came=Tally(), decisions=documents.documents(root), kept=job.stage.kept)
    again = documents.duplicate_ids(root)
    if again is not None:
        dropped = again.selectExpr("id", "'dropped' AS outcome", "'duplicate_id' AS reason")
        found.dropped.update(ledger(came=Tally(), decisions=dropped, kept=job.stage.kept).dropped)
    out = sum((t for part in (found.dropped, found.failed) for t in part.values()), found.kept)
    return Ledger(Tally(came, out.id_sum), found.kept, found.dropped, found.failed)


def _check_files(root: Root, plan: dict[str, dict[str, Any]], *, stage: str) -> None:
    """Raise LedgerError if a planned range has not told what became of it, or if bytes of a file are neither read nor listed."""
    planned = sum(len(chunk["files"]) for chunk in plan.values())
    files = documents.files(root)
    told = files.count()
    if told != planned:
        raise LedgerError(
            f"{stage}: {planned:,} files or ranges are planned and {told:,} have told what became of them: the stage is not finished. "
            f"Was a folder below {root.at('documents')} taken away? Run again with --from {stage}"
        )
    accounted = F.expr("bytes_records + bytes_skipped + coalesce(bytes_unchosen, 0L)")
    sums = (F.sum(accounted).alias("read"), F.max("end").alias("size"))
    grouped = files.groupBy("chunk", "file_path").agg(*sums, F.max(F.expr("outcome = 'failed'")).alias("failed"))
    lost = grouped.where("NOT failed AND read != size").first()
    if lost is not None:
        raise LedgerError(
            f"{stage}: {lost['file_path']} has {lost['size']:,} bytes, and {lost['read']:,} were read, listed as skipped, or not chosen: the stage is "
            f"not finished. Did the file change while it was read? Run again with --from {stage}"
        )


def totals(root: Root) -> dict[str, Any]:
    """Sum up the files' rows for the source's marker: files, bytes, skipped bytes, worker seconds; and the files that failed."""
    row = (
        documents.files(root)
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
    found = row.asDict() if row is not None else {}
    return {"files": found | {"failed": [path for _, path in documents.still_failed(root)]}}


def how_of_chunks(job: Job[Any]) -> Otherwise:
    """Return the chunks that were read in another way than the recipe says now, and what --accept would take over."""
    how, chunks = job.how(), []
    recorded: dict[str, None] = {}
    for chunk, marker in documents.finished(job.root).items():
        if marker.get("fingerprint") != how:
            chunks.append(chunk)
            recorded[str(marker.get("fingerprint"))] = None
    if len(recorded) > 1:
        raise RecipeError(
            f"{job.root.path} holds chunks that were read in {len(recorded)} different ways ({', '.join(recorded)}): no one of them can "
            f"stand for all, so nothing was run. Add --from {job.stage.name}"
        )
    return chunks, {job.computed(): one for one in recorded}
