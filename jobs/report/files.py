"""The report's input files: their sums, and those that failed or lost bytes, by one aggregation each."""

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from jobs.report.counts import TOP
from jobs.report.data import FileProblem, FileTotals

TOP_FILES = 50
SPANS_SHOWN = 3


def file_facts(files: DataFrame) -> tuple[FileTotals, tuple[FileProblem, ...]]:
    """Sum up the input files, and list those that failed or lost bytes. A file tried again counts as it ended."""
    row = F.struct(*[F.col(name) for name in files.columns])
    ended = files.groupBy("file_path", "start", "end").agg(
        F.max_by(row, "chunk").alias("f"), F.sum("seconds").alias("spent"), F.sum("child_restarts").alias("restarts")
    )
    skipped = F.coalesce(F.col("f.bytes_skipped"), F.lit(0))
    total = ended.agg(
        F.count("*").alias("files"),
        F.count_if(F.col("f.outcome") == "failed").alias("failed"),
        F.sum("f.bytes_records").alias("bytes_records"),
        F.sum(skipped).alias("bytes_skipped"),
        F.sum("spent").alias("seconds"),
        F.sum("restarts").alias("restarts"),
        F.max("f.child_peak_mb").alias("peak"),
    ).collect()[0]
    types = (
        ended.select(F.explode("f.records").alias("type", "n"))
        .groupBy("type")
        .agg(F.sum("n").alias("n"))
        .orderBy(F.desc("n"), "type")
    )
    problems = ended.where((F.col("f.outcome") == "failed") | (skipped > 0) | (F.size("f.spans_skipped") > 0)).select(
        *[F.col(f"f.{name}") for name in ("file_path", "outcome", "reason")],
        F.substring("f.error", 1, 1000).alias("error"),
        skipped.alias("bytes_skipped"),
        F.slice("f.spans_skipped", 1, SPANS_SHOWN).alias("spans"),
        F.size("f.spans_skipped").alias("spans_total"),
    )
    worst = problems.orderBy(F.col("outcome") != "failed", F.desc("bytes_skipped"), "file_path").limit(TOP_FILES)
    totals = FileTotals(
        total["files"],
        total["failed"],
        total["bytes_records"] or 0,
        total["bytes_skipped"] or 0,
        total["seconds"] or 0.0,
        total["restarts"] or 0,
        total["peak"] or 0,
        tuple((r["type"], r["n"]) for r in types.limit(TOP).collect()),
    )
    return totals, tuple(_problem(r) for r in worst.collect())


def _problem(row: Row) -> FileProblem:
    spans = tuple((span["offset"], span["length"], span["why"] or "") for span in row["spans"] or ())
    return FileProblem(
        row["file_path"],
        row["outcome"],
        row["reason"] or "",
        row["error"] or "",
        row["bytes_skipped"],
        spans,
        max(0, row["spans_total"] or 0),
    )
