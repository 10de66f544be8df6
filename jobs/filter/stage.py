"""Filter: the recipe's rules as Spark SQL over the signals; no Python worker runs, so changing a threshold is cheap."""

from collections.abc import Callable, Sequence

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.analysed import analysis
from jobs.engine.columns import FACTS, complaint, is_chance, known, more_than_a_row, named, signals_of
from jobs.engine.errors import RecipeError
from jobs.engine.host_lists import digests, marked
from jobs.engine.job import Job
from jobs.engine.labels import check_languages
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.tables import Table
from jobs.engine.unmeasured import check_measured
from jobs.filter.settings import Rule
from jobs.recipe.where import column_of

DECISIONS = Table(
    "decisions/filter",
    pa.schema(
        [
            *((name, pa.string()) for name in ("id", "outcome", "reason")),
            *((name, pa.list_(pa.string())) for name in ("broken", "unmeasured", "outside")),
        ]
    ),
)


def run(job: Job[tuple[Rule, ...]]) -> Ledger:
    """Decide on every document that was measured, and prove that each has one decision.

    Writes decisions/filter: id, chunk, outcome (kept, dropped, failed), reason, and reasons of rules: broken, unmeasured, and outside
    of whose `where` the document lies.
    """
    signals = job.signals().where("error IS NULL")  # what could not be measured is annotate's to tell
    rows, joined = _with_facts(job, signals)
    decisions = job.root.write(decide(rows, rules=job.settings), DECISIONS, gather=joined)
    return ledger(came=tally(signals), decisions=decisions, kept="kept")


def _with_facts(job: Job[tuple[Rule, ...]], signals: DataFrame) -> tuple[DataFrame, bool]:
    """Join the facts of documents that rules name, and say whether there were any: without them nothing is shuffled."""
    empty = job.root.spark.createDataFrame([], from_arrow_schema(_columns(job)))
    names = named(empty, (sql for rule in job.settings for sql in (rule.kept, rule.meant) if sql is not None))
    facts = [name for name in FACTS if name != "id" and (name in names or (name == "host" and job.pinned))]
    if not facts:
        return signals, False
    return marked(signals.join(job.documents().select("id", *facts), on="id", how="left"), job.pinned), True


def pin(job: Job[tuple[Rule, ...]]) -> dict[str, str] | None:
    """Return the sha256 of the files of hosts that rules name; None if none does."""
    return digests(name for rule in job.settings for name in (rule.hosts, rule.not_hosts) if name is not None)


def decide(signals: DataFrame, *, rules: Sequence[Rule]) -> DataFrame:
    """Apply the rules in order: the first that is not true decides, all that are not true are the evidence.

    A rule that is false drops the document, with the rule's reason. A rule that is null could not be evaluated because a
    measurement is missing: the document is failed, reason `unmeasured` (law 8). A rule whose `where` is false is true.
    Documents whose measuring raised are failed, reason `annotate_error`.
    """
    tried = F.array(*[_tried(rule) for rule in rules])
    if not rules:
        tried = F.array().cast("array<struct<reason:string,keep:boolean,outside:boolean>>")
    first = F.get(F.filter(tried, lambda rule: ~F.coalesce(rule.keep, F.lit(False))), F.lit(0))
    outcome = F.when(F.col("error").isNotNull(), "failed").when(first.isNull(), "kept").when(first.keep.isNull(), "failed")
    reason = F.when(F.col("error").isNotNull(), "annotate_error").when(first.isNotNull() & first.keep.isNull(), "unmeasured")
    return signals.select(
        "id",
        "chunk",
        outcome.otherwise("dropped").alias("outcome"),
        reason.otherwise(first.reason).alias("reason"),
        _reasons(tried, lambda rule: ~F.coalesce(rule.keep, F.lit(True))).alias("broken"),
        _reasons(tried, lambda rule: rule.keep.isNull()).alias("unmeasured"),
        _reasons(tried, lambda rule: rule.outside).alias("outside"),
    )


def _tried(rule: Rule) -> Column:
    outside = F.lit(False) if rule.meant is None else F.coalesce(~F.expr(rule.meant), F.lit(False))
    return F.struct(F.lit(rule.reason).alias("reason"), F.expr(rule.sql).alias("keep"), outside.alias("outside"))


def _reasons(tried: Column, which: Callable[[Column], Column]) -> Column:
    return F.transform(F.filter(tried, which), lambda rule: rule.reason)


def _unfit(asked: DataFrame, rows: DataFrame) -> list[str]:
    """Say what is wrong with an expression that has a type and yet decides on more than one row's own values."""
    if more_than_a_row(asked, rows):
        return ["looks at other documents, or makes several of one; a rule sees one"]
    return ["is another at every run; use a hash of the id, such as pmod(xxhash64(id), 100) < 10"] if is_chance(asked) else []


def check(job: Job[tuple[Rule, ...]]) -> None:
    """Have Spark analyse every rule against what it may name; raise RecipeError naming all that do not fit."""
    reserved = frozenset(reason.name for stage in job.context.stages for reason in stage.reasons)
    with analysis(job, [[rule.kept, rule.meant] for rule in job.settings], _columns(job)) as rows:
        check_rules(rows, rules=job.settings, reserved=reserved, signals=signals_of(job.context))
    compared = [(f"filter {rule.reason!r}", sql) for rule in job.settings for sql in (rule.keep, rule.where or "")]
    check_languages(job.context, compared)
    whole = ((f"filter {rule.reason!r}", " where ".join(filter(None, (rule.keep, rule.where)))) for rule in job.settings)
    check_measured(job.context, whole)


def _columns(job: Job[tuple[Rule, ...]]) -> pa.Schema:
    """Return all that a rule may name. Raises RecipeError if a file of hosts cannot be read."""
    return pa.schema([*known(job.context), *(pa.field(column_of(name), pa.bool_()) for name in job.pinned or ())])


def check_rules(
    rows: DataFrame | None, *, rules: Sequence[Rule], signals: Sequence[str], reserved: frozenset[str] = frozenset()
) -> None:
    """Raise RecipeError naming the rules that do not fit the columns of `rows`, or whose reason a stage gives itself.

    Without `rows` Spark has found the rules to fit before.
    """
    faults: list[str] = []
    for rule in rules:
        if rows is not None:
            faults += _faults(rows, rule.kept, shown=f"  filter {rule.reason!r}: {rule.keep!r}")
            if rule.meant is not None:
                faults += _faults(rows, rule.meant, shown=f"  filter {rule.reason!r}: where {rule.where or rule.meant!r}")
        if rule.reason in reserved:
            faults.append(
                f"  filter {rule.reason!r}: gristmill gives that reason itself (docs/reasons.md); name the rule's own"
            )
    if faults:
        raise RecipeError(
            f"{len(faults)} rule(s) do not fit the signals; nothing was run.\n"
            + "\n".join(faults)
            + f"\n  signals: {', '.join(signals)}\n  of documents: {', '.join(FACTS)}"
        )


def _faults(rows: DataFrame, sql: str, *, shown: str) -> list[str]:
    try:
        asked = rows.select(F.expr(sql).alias("asked"))
    except AnalysisException as error:
        return [f"{shown}: {complaint(error)}"]
    kind = asked.schema["asked"].dataType.simpleString()
    wrong = [f"{shown} gives {kind}, not true or false"] if kind != "boolean" else []
    return wrong + [f"{shown} {what}" for what in _unfit(asked, rows)]
