"""The report's counts: every stage by reason, every rule, every domain, charset and file, each by one aggregation."""

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from jobs.report.data import WIPED_FROM, Breakdown, Group

TOP = 30  # groups shown of each property
TOP_WIPED = 10
VALUE_CHARACTERS = 200
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
) -> DataFrame:
    """Return a row for every document with what became of it: `stage` it left at ("kept" if none), `outcome`, `reason`.

    `decisions` holds the table of each stage that decides, in order, None where it has not run. `source` and `measuring` name the
    stages that brought the documents and took the signals; a document that could not be measured left at the latter.
    Joins ids, labels and numbers, never text. A document without the decision it should have is failed: no_decision.
    """
    own = [column(documents, name) for name in ("chunk", *PROPERTIES, "licence") if name != "language"]
    gated = column(documents, "gate_language")  # all that is known of the language of what the gate dropped
    rows = documents.select("id", "outcome", "reason", column(documents, "opt_out", type="array<string>"), gated, *own)
    if signals is None:
        rows = rows.withColumnRenamed("gate_language", "language").withColumn("token_count", F.lit(None).cast("long"))
    else:
        measured = signals.select(
            "id", column(signals, "language"), column(signals, "token_count", type="long"), column(signals, "error")
        )
        rows = rows.join(measured, on="id", how="left").withColumn("language", F.coalesce("language", "gate_language"))
    gone = F.when(F.col("outcome") != "extracted", _end(F.lit(source), F.col("outcome"), F.col("reason")))
    if signals is not None and "error" in signals.columns:
        failed = _end(F.lit(measuring), F.lit("failed"), F.lit("annotate_error"))
        gone = gone.when(F.col("error").isNotNull(), failed)
    for stage, table in decisions.items():
        if table is None:
            continue
        decision = F.col(f"{stage}_decision")
        decided = table.select("id", F.struct("outcome", "reason").alias(f"{stage}_decision"))
        rows = rows.join(decided, on="id", how="left")
        gone = gone.when(decision.isNull(), _end(F.lit(stage), F.lit("failed"), F.lit("no_decision")))
        gone = gone.when(decision.outcome != "kept", _end(F.lit(stage), decision.outcome, decision.reason))
    end = gone.otherwise(_end(F.lit("kept"), F.lit("kept"), F.lit(None)))
    return rows.select("id", "chunk", *PROPERTIES, *FACTS, "token_count", end.alias("end")).select("*", "end.*").drop("end")


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


def tally(
    documents: DataFrame,
    *,
    again: DataFrame | None,
    signals: DataFrame | None,
    decisions: Mapping[str, DataFrame | None],
    corpus: DataFrame | None,
    source: str = "extract",
    measuring: str = "annotate",
) -> list[Row]:
    """Count every table by outcome and reason, in one job: rows of what, outcome, reason, n, a, b.

    `again` are the records whose id an earlier record has. `what` is a stage (for "publish", a is the sum of tokens), or "rule"
    (reason: the rule; n: documents that break it, a: those that fail no other, b: those that break it first), or "groups" (n:
    duplicate groups of two or more). Rules and groups are counted where a table of decisions has `broken` or `group_size`.
    """
    counts = [_by_outcome(source, documents)]
    if again is not None:
        dropped = again.select(F.lit("dropped").alias("outcome"), F.lit("duplicate_id").alias("reason"))
        counts.append(_by_outcome(source, dropped))
    if signals is not None:
        failed = column(signals, "error").isNotNull()
        measured = signals.select(
            F.when(failed, "failed").otherwise("measured").alias("outcome"), F.when(failed, "annotate_error").alias("reason")
        )
        counts.append(_by_outcome(measuring, measured))
    for name, table in decisions.items():
        if table is None:
            continue
        counts.append(_by_outcome(name, table))
        if "broken" in table.columns:
            counts.append(_by_rule(table))
        if "group_size" in table.columns:
            groups = table.where("group_size > 1").agg(F.count_distinct("group_id").alias("n"))
            counts.append(groups.select(*_labels("groups", None), "n", *_nothing("a", "b")))
    if corpus is not None:
        published = corpus.agg(F.count("*").alias("n"), F.sum(column(corpus, "token_count", type="long")).alias("a"))
        counts.append(published.select(*_labels("publish", "kept"), "n", "a", *_nothing("b")))
    return reduce(DataFrame.unionByName, counts).collect()


def _by_rule(table: DataFrame) -> DataFrame:
    unmeasured = F.coalesce(column(table, "unmeasured", type="array<string>"), F.array().cast("array<string>"))
    untrue = F.size("broken") + F.size(unmeasured)
    broken = table.select("reason", untrue.alias("size"), F.explode("broken").alias("rule"))
    alone, first = F.count_if(F.col("size") == 1), F.count_if(F.col("rule") == F.col("reason"))
    rules = broken.groupBy("rule").agg(F.count("*").alias("n"), alone.alias("a"), first.alias("b"))
    what, outcome = F.lit("rule").alias("what"), F.lit("dropped").alias("outcome")
    return rules.select(what, outcome, F.col("rule").alias("reason"), "n", "a", "b")


def _by_outcome(what: str, table: DataFrame) -> DataFrame:
    counts = table.groupBy("outcome", "reason").agg(F.count("*").alias("n"))
    return counts.select(F.lit(what).alias("what"), "outcome", "reason", "n", *_nothing("a", "b"))


def _labels(what: str, outcome: str | None) -> list[Column]:
    return [
        F.lit(what).alias("what"),
        F.lit(outcome).cast("string").alias("outcome"),
        F.lit(None).cast("string").alias("reason"),
    ]


def _nothing(*names: str) -> list[Column]:
    return [F.lit(None).cast("long").alias(name) for name in names]


def breakdowns(fates: DataFrame) -> tuple[Breakdown, ...]:
    """Count the documents by each property, as they came in and as they were kept: the largest groups and wipe-outs."""
    pairs = [_pair(name, F.col(name)) for name in PROPERTIES]
    licences = F.when(F.col("licence").isNotNull(), F.array(_pair("licence", F.col("licence"))))
    facts = [F.transform("opt_out", lambda fact: _pair("opt_out", fact)), licences]
    none = F.array().cast("array<struct<name:string,value:string>>")
    every = F.concat(F.array(*pairs), *[F.coalesce(fact, none) for fact in facts])
    kept = F.col("stage") == "kept"
    counted = (
        fates.select(kept.alias("kept"), "token_count", "reason", F.explode(every).alias("p"))
        .groupBy("p.name", "p.value", "reason")
        .agg(
            F.count("*").alias("n"),
            F.count_if("kept").alias("kept"),
            F.sum(F.when(F.col("kept"), F.col("token_count"))).alias("tokens"),
        )
    )
    loss = F.max(F.when(F.col("reason").isNotNull(), F.struct("n", "reason"))).reason  # a tie goes to the later name
    groups = counted.groupBy("name", "value").agg(
        F.sum("n").alias("n"), F.sum("kept").alias("kept"), F.sum("tokens").alias("tokens"), loss.alias("loss")
    )
    groups = groups.persist()
    try:
        wiped = F.col("value").isNotNull() & (F.col("kept") == 0) & (F.col("n") >= WIPED_FROM)
        sizes = groups.groupBy("name").agg(F.count("*").alias("n"), F.count_if(wiped).alias("kept"))
        sizes = sizes.select(
            "name", F.lit(None).cast("string").alias("value"), "n", "kept", *_nothing("tokens"), F.lit("").alias("loss")
        )
        parts = [(groups, TOP, "top"), (groups.where(wiped), TOP_WIPED, "wiped"), (sizes, 1, "sizes")]
        rows = reduce(
            DataFrame.unionByName, [_largest(table, n).withColumn("part", F.lit(part)) for table, n, part in parts]
        ).collect()
    finally:
        groups.unpersist()
    return tuple(_breakdown(name, rows) for name in (*PROPERTIES, *FACTS) if any(row["name"] == name for row in rows))


def _pair(name: str, value: Column) -> Column:
    return F.struct(F.lit(name).alias("name"), F.substring(value, 1, VALUE_CHARACTERS).alias("value"))


def _largest(groups: DataFrame, count: int) -> DataFrame:
    rank = F.row_number().over(Window.partitionBy("name").orderBy(F.desc("n"), F.asc_nulls_last("value")))
    return groups.withColumn("rank", rank).where(F.col("rank") <= count)


def _breakdown(name: str, rows: list[Row]) -> Breakdown:
    mine = sorted((row for row in rows if row["name"] == name), key=lambda row: int(row["rank"]))
    groups = {
        part: tuple(Group(r["value"], r["n"], r["kept"], r["tokens"] or 0, r["loss"]) for r in mine if r["part"] == part)
        for part in ("top", "wiped", "sizes")
    }
    size = groups["sizes"][0]
    return Breakdown(name, groups["top"], groups["wiped"], distinct=size.read, wiped_distinct=size.kept)
