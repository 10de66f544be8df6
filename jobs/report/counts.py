"""The report's counts: every stage by reason, every rule, every domain, charset and file, each by one aggregation."""

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from jobs.report.data import WIPED_FROM, Breakdown, Group
from jobs.report.fates import FACTS, PROPERTIES, column

TOP = 30  # groups shown of each property
TOP_WIPED = 10
VALUE_CHARACTERS = 200


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
        if "broken" in table.columns:
            alike = _by_rules_broken(table)
            counts += [_by_outcome(name, alike), _by_rule(alike)]
        else:
            counts.append(_by_outcome(name, table))
        if "group_size" in table.columns:
            groups = table.where("group_size > 1").agg(F.count_distinct("group_id").alias("n"))
            counts.append(groups.select(*_labels("groups", None), "n", *_nothing("a", "b")))
    if corpus is not None:
        published = corpus.agg(F.count("*").alias("n"), F.sum(column(corpus, "token_count", type="long")).alias("a"))
        counts.append(published.select(*_labels("publish", "kept"), "n", "a", *_nothing("b")))
    return reduce(DataFrame.unionByName, counts).collect()


def _by_rules_broken(table: DataFrame) -> DataFrame:
    """Count documents that broke the same rules: outcome, reason, broken, `size` of all rules not passed, n. Its shuffle is used twice."""
    unmeasured = F.coalesce(column(table, "unmeasured", type="array<string>"), F.array().cast("array<string>"))
    size = (F.size("broken") + F.size(unmeasured)).alias("size")
    return table.groupBy("outcome", "reason", "broken", size).agg(F.count("*").alias("n"))


def _by_rule(alike: DataFrame) -> DataFrame:
    broken = alike.select("reason", "size", "n", F.explode("broken").alias("rule"))
    alone, first = F.col("size") == 1, F.col("rule") == F.col("reason")
    sums = [F.sum(F.when(which, F.col("n")).otherwise(0)).alias(name) for which, name in ((alone, "a"), (first, "b"))]
    rules = broken.groupBy("rule").agg(F.sum("n").alias("n"), *sums)
    what, outcome = F.lit("rule").alias("what"), F.lit("dropped").alias("outcome")
    return rules.select(what, outcome, F.col("rule").alias("reason"), "n", "a", "b")


def _by_outcome(what: str, table: DataFrame) -> DataFrame:
    rows = F.sum("n") if "n" in table.columns else F.count("*")
    counts = table.groupBy("outcome", "reason").agg(rows.alias("n"))
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
    """Count the documents by each property, as they came in and as they were kept: the largest groups and wipe-outs.

    Documents that are alike in all properties are counted first, so that few rows are counted by each property in turn.
    """
    kept = F.col("stage") == "kept"
    alike = fates.groupBy(*PROPERTIES, *FACTS, "reason", kept.alias("kept")).agg(
        F.count("*").alias("n"), F.sum("token_count").alias("tokens")
    )
    pairs = [_pair(name, F.col(name)) for name in PROPERTIES]
    licences = F.when(F.col("licence").isNotNull(), F.array(_pair("licence", F.col("licence"))))
    facts = [F.transform("opt_out", lambda fact: _pair("opt_out", fact)), licences]
    none = F.array().cast("array<struct<name:string,value:string>>")
    every = F.concat(F.array(*pairs), *[F.coalesce(fact, none) for fact in facts])
    counted = (
        alike.select("kept", "n", "tokens", "reason", F.explode(every).alias("p"))
        .groupBy("p.name", "p.value", "reason")
        .agg(
            F.sum("n").alias("n"),
            F.sum(F.when(F.col("kept"), F.col("n")).otherwise(0)).alias("kept"),
            F.sum(F.when(F.col("kept"), F.col("tokens"))).alias("tokens"),
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
