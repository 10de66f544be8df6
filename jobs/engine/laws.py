"""The laws of conservation of what does not go through a stage one by one: children of documents, and pieces woven into outputs.

A sieve has its ledger: ids out are ids in, each with one outcome (`ledger.ledger`). A source that reads files has it too: records in are
documents out. Here are the other two.

- Source, of documents made of documents: every parent is used as often as it should be or has a reason, and every child names parents
  that there are.
- Weave: every piece of every input stands in the outputs as often as it should, or has a reason.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.errors import LedgerError
from jobs.engine.ledger import Ledger, Tally, ledger, tally

SHOWN = 3
TIMES_SUM = "coalesce(sum(cast(xxhash64(id) AS decimal(38,0)) * times), 0)"


def check_lineage(parents: DataFrame, children: DataFrame, *, stage: str) -> None:
    """Raise LedgerError unless children and parents belong together.

    `parents` has id, times (how many children name it; 0 with a reason) and reason. `children` has id and parents, an array of ids.
    """
    named = children.select("id", F.explode_outer("parents").alias("parent"))
    orphans = named.join(parents.select(F.col("id").alias("parent")), on="parent", how="left_anti")
    _refuse(orphans.select("id"), f"{stage}: children name no parent, or one that was not there")
    used = named.groupBy(F.col("parent").alias("id")).agg(F.count("*").alias("used"))
    counted = parents.join(used, on="id", how="left").withColumn("used", F.coalesce("used", F.lit(0)))
    _refuse(counted.where("used != times").select("id"), f"{stage}: parents are used more or less often than they should be")
    _refuse(
        counted.where("times = 0 AND reason IS NULL").select("id"), f"{stage}: parents are not used, and no reason says why"
    )


def weave(pieces: DataFrame, *, placed: DataFrame | Tally, left_out: DataFrame | None = None) -> Ledger:
    """Make the ledger of a weave; `check` of it raises LedgerError if a piece is missing, or stands too often.

    `pieces` has id and times (how often the piece should stand), `placed` a row with id for each place where one stands,
    or their tally, `left_out` id, outcome (dropped or failed) and reason of pieces that stand nowhere, once for each time.
    """
    row = pieces.agg(F.coalesce(F.sum("times"), F.lit(0)).alias("n"), F.expr(TIMES_SUM).alias("s")).first()
    assert row is not None
    stands = placed if isinstance(placed, Tally) else tally(placed)
    came = Tally(int(row["n"]), int(row["s"]))
    if left_out is None:
        return Ledger(came=came, kept=stands)
    out = ledger(came=came, decisions=left_out, kept="kept")
    return Ledger(came=came, kept=stands, dropped=out.dropped, failed=out.failed)


def _refuse(rows: DataFrame, what: str) -> None:
    found = [str(row["id"]) for row in rows.limit(SHOWN).collect()]
    if found:
        raise LedgerError(
            f"{what}, such as {', '.join(found)}: the stage is not finished and nothing after it ran. A bug in gristmill"
        )
