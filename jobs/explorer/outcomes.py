"""What became of every document, one row each, without a join: the table in which it left, or the last that kept it."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.engine import signal_sets
from jobs.engine.documents import documents
from jobs.engine.job import Context

KEPT = "kept"


def outcomes(context: Context) -> DataFrame:
    """Return id, stage, outcome, reason of the last decision on every document, of the stages that are finished.

    `stage` is the one that a document left at, and "kept" where none dropped it. Reads no text.
    """
    root = context.root
    found = documents(root)
    rows = _ended(found.where("outcome != 'extracted'"), context.source.name)
    kept = found.where("outcome = 'extracted'").select("id")
    if root.markers.stage(signal_sets.FOLDER) is not None:
        measured = signal_sets.signals(root, ())
        failed = measured.where("error IS NOT NULL")
        told = failed.withColumns({"outcome": F.lit("failed"), "reason": F.lit("annotate_error")})
        rows, kept = rows.unionByName(_ended(told, "annotate")), measured.where("error IS NULL").select("id")
    for stage in context.stages:
        if stage.decisions is not None and root.markers.stage(stage.folder) is not None:
            decided = root.read(stage.decisions)
            rows = rows.unionByName(_ended(decided.where(F.col("outcome") != stage.kept), stage.name))
            kept = decided.where(F.col("outcome") == stage.kept).select("id")
    return rows.unionByName(_ended(kept.withColumns({"outcome": F.lit(KEPT), "reason": F.lit(None)}), KEPT))


def _ended(rows: DataFrame, stage: str) -> DataFrame:
    outcome, reason = (F.col(name).cast("string") for name in ("outcome", "reason"))
    return rows.select(
        "id", F.lit(stage).alias("stage"), outcome.alias("outcome"), F.coalesce(reason, F.lit("")).alias("reason")
    )


def place() -> Column:
    """Return where a document's id falls in [0, strata.SPACE): a hash, so a sample by it is the same on every run.

    It filters a table before any join.
    """
    return F.shiftrightunsigned(F.xxhash64(F.lit("explorer"), F.col("id")), 2)
