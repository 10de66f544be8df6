"""What became of every document: by a join, with its properties, or without one, as id and reason alone."""

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

PROPERTIES = (
    "language",
    "domain",
    "host",
    "charset",
    "charset_source",
    "mime",
    "http_status",
    "truncated",
    "extractor",
)
KEY = ("key", "check")  # 64 and 32 bits, of two hashes of the id that have nothing in common
FIT = 1_000_000  # documents of a partition that is joined: with what is joined to it some 400 MB
FACTS = ("opt_out", "licence")  # what few pages say of themselves: counted where it is present


def column(table: DataFrame, name: str, *, type: str = "string") -> Column:
    """Return a column cast to a type, or nulls where the table has none of that name."""
    return (F.col(f"`{name}`") if name in table.columns else F.lit(None)).cast(type).alias(name)


def fate(
    documents: DataFrame,
    *,
    signals: DataFrame | None,
    decisions: Mapping[str, DataFrame | None],
    source: str = "extract",
    measuring: str = "annotate",
    count: int = 0,
) -> DataFrame:
    """Return a row for every document with what became of it: `stage` it left at ("kept" if none), `outcome`, `reason`.

    `decisions` holds the table of each stage that decides, in order, None where it has not run. `source` and `measuring` name the
    stages that brought the documents and took the signals; a document that could not be measured left at the latter. `count` is how
    many documents there are: of many, the join has so many partitions that the rows of each fit in memory.

    Joins labels and numbers, never text. A document without the decision it should have is failed: no_decision. Rows are joined by 96
    bits of hash and not by ids, which would be most of what is shuffled: among 10 billion documents two have the same 96 bits with a
    probability of 6e-10. No table is broadcast: ten million decisions may be megabytes in files, by which Spark judges, and more than
    a heap in memory.
    """
    own = [column(documents, name) for name in ("chunk", *PROPERTIES, "licence") if name != "language"]
    gated = column(documents, "gate_language")  # all that is known of the language of what the gate dropped
    rows = documents.select(*_key(), "id", "outcome", "reason", column(documents, "opt_out", type="array<string>"), gated, *own)
    if count // FIT > int(documents.sparkSession.conf.get("spark.sql.shuffle.partitions") or 0):
        rows = rows.repartition(count // FIT, *KEY)  # the tables that are joined to it follow
    if signals is None:
        rows = rows.withColumnRenamed("gate_language", "language").withColumn("token_count", F.lit(None).cast("long"))
    else:
        measured = signals.select(
            *_key(), column(signals, "language"), column(signals, "token_count", type="long"), column(signals, "error")
        )
        rows = rows.join(measured.hint("merge"), on=[*KEY], how="left")
        rows = rows.withColumn("language", F.coalesce("language", "gate_language"))
    gone = F.when(F.col("outcome") != "extracted", _end(F.lit(source), F.col("outcome"), F.col("reason")))
    if signals is not None and "error" in signals.columns:
        failed = _end(F.lit(measuring), F.lit("failed"), F.lit("annotate_error"))
        gone = gone.when(F.col("error").isNotNull(), failed)
    for stage, table in decisions.items():
        if table is None:
            continue
        decision = F.col(f"{stage}_decision")
        decided = table.select(*_key(), F.struct("outcome", "reason").alias(f"{stage}_decision"))
        rows = rows.join(decided.hint("merge"), on=[*KEY], how="left")
        gone = gone.when(decision.isNull(), _end(F.lit(stage), F.lit("failed"), F.lit("no_decision")))
        gone = gone.when(decision.outcome != "kept", _end(F.lit(stage), decision.outcome, decision.reason))
    end = gone.otherwise(_end(F.lit("kept"), F.lit("kept"), F.lit(None)))
    return rows.select("id", "chunk", *PROPERTIES, *FACTS, "token_count", end.alias("end")).select("*", "end.*").drop("end")


def _key() -> tuple[Column, Column]:
    return F.xxhash64("id").alias(KEY[0]), F.hash("id").alias(KEY[1])


def _end(stage: Column, outcome: Column, reason: Column) -> Column:
    return F.struct(stage.alias("stage"), outcome.alias("outcome"), reason.cast("string").alias("reason"))


def ends(
    documents: DataFrame,
    *,
    signals: DataFrame | None,
    decisions: Mapping[str, DataFrame | None],
    source: str = "extract",
    measuring: str = "annotate",
) -> DataFrame:
    """Return id, chunk, stage, outcome, reason of every document, as `fate` says, but without a join: from the table where it ended.

    A document without the decision that it should have is in none.
    """

    def of(table: DataFrame, stage: str, where: str) -> DataFrame:
        columns = (column(table, name) for name in ("id", "chunk", "outcome", "reason"))
        return table.where(where).select(F.lit(stage).alias("stage"), *columns)

    found = [of(documents, source, "outcome != 'extracted'")]
    last = documents.where("outcome = 'extracted'")
    if signals is not None and "error" in signals.columns:
        failed = signals.where("error IS NOT NULL").select("id", column(signals, "chunk"))
        failed = failed.selectExpr("*", "'failed' AS outcome", "'annotate_error' AS reason")
        found.append(of(failed, measuring, "true"))
        last = signals.where("error IS NULL")
    for stage, table in decisions.items():
        if table is not None:
            found.append(of(table, stage, "outcome != 'kept'"))
            last = table.where("outcome = 'kept'")
    kept = last.select("id", column(last, "chunk"), F.lit("kept").alias("outcome"), F.lit(None).cast("string").alias("reason"))
    return reduce(DataFrame.unionByName, [*found, of(kept, "kept", "true")])
