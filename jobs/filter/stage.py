"""Filter: the recipe's rules as Spark SQL over the signals; no Python worker runs, so changing a threshold is cheap."""

import re
from collections.abc import Sequence

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.errors import RecipeError
from jobs.engine.job import Job
from jobs.engine.labels import check_labels
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.tables import Table
from jobs.filter.settings import Rule
from udfs.signals.sets import CATALOGUE, SIGNAL_SCHEMA

_COMPARED = re.compile(
    r"(?<![\w.])language\s*(?:<=>|==?|!=|<>)\s*('[^']*')|('[^']*')\s*(?:<=>|==?|!=|<>)\s*language(?![\w.(])"
    r"|(?<![\w.])language\s+(?:NOT\s+)?IN\s*\(((?:\s*'[^']*'\s*,?)+)\)",
    re.IGNORECASE,
)
KNOWN = tuple(signal.name for signal in CATALOGUE)
DECISIONS = Table(
    "decisions/filter",
    pa.schema(
        [
            *((name, pa.string()) for name in ("id", "outcome", "reason")),
            *((name, pa.list_(pa.string())) for name in ("broken", "unmeasured")),
        ]
    ),
)


def run(job: Job[tuple[Rule, ...]]) -> Ledger:
    """Decide on every document that was measured, and prove that each has one decision.

    Writes decisions/filter: id, chunk, outcome (kept, dropped, failed), reason, broken and unmeasured (reasons of rules).
    """
    signals = job.signals().where("error IS NULL")  # what could not be measured is annotate's to tell
    decisions = job.root.write(decide(signals, rules=job.settings), DECISIONS, gather=False)
    return ledger(came=tally(signals), decisions=decisions, kept="kept")


def decide(signals: DataFrame, *, rules: Sequence[Rule]) -> DataFrame:
    """Apply the rules in order: the first that is not true decides, all that are not true are the evidence.

    A rule that is false drops the document, with the rule's reason. A rule that is null could not be evaluated because a
    measurement is missing: the document is failed, reason `unmeasured` (law 8). Documents whose measuring raised are failed,
    reason `annotate_error`.
    """
    tried = F.array(*[F.struct(F.lit(rule.reason).alias("reason"), F.expr(rule.sql).alias("keep")) for rule in rules])
    if not rules:
        tried = F.array().cast("array<struct<reason:string,keep:boolean>>")
    first = F.get(F.filter(tried, lambda rule: ~F.coalesce(rule.keep, F.lit(False))), F.lit(0))
    broken = F.transform(F.filter(tried, lambda rule: ~F.coalesce(rule.keep, F.lit(True))), lambda rule: rule.reason)
    unmeasured = F.transform(F.filter(tried, lambda rule: rule.keep.isNull()), lambda rule: rule.reason)
    outcome = F.when(F.col("error").isNotNull(), "failed").when(first.isNull(), "kept").when(first.keep.isNull(), "failed")
    reason = F.when(F.col("error").isNotNull(), "annotate_error").when(first.isNotNull() & first.keep.isNull(), "unmeasured")
    return signals.select(
        "id",
        "chunk",
        outcome.otherwise("dropped").alias("outcome"),
        reason.otherwise(first.reason).alias("reason"),
        broken.alias("broken"),
        unmeasured.alias("unmeasured"),
    )


def _unfit(rows: DataFrame) -> list[str]:
    """Say what is wrong with an expression that has a type and yet decides on more than one row's own values."""
    plan = rows._jdf.queryExecution().analyzed()
    if plan.nodeName() == "Aggregate":
        return ["looks at all documents at once; a rule sees one"]
    return (
        [] if plan.deterministic() else ["is another at every run; use a hash of the id, such as pmod(xxhash64(id), 100) < 10"]
    )


def check(job: Job[tuple[Rule, ...]]) -> None:
    """Have Spark analyse every rule against the signals' schema; raise RecipeError naming all that do not fit."""
    reserved = frozenset(reason.name for stage in job.context.stages for reason in stage.reasons)
    signals = job.root.spark.createDataFrame([], from_arrow_schema(SIGNAL_SCHEMA))
    check_rules(signals, rules=job.settings, reserved=reserved)
    model = job.context.models.get("annotate", {}).get("language")
    if model is not None:
        for rule in job.settings:
            means = "no page has that language"
            check_labels(languages_of(rule.keep), model=model, where=f"filter {rule.reason!r}: {rule.keep!r}", means=means)


def languages_of(expression: str) -> list[str]:
    """Return the labels that a rule compares `language` with, by = or IN; what it does otherwise is not looked at.

    >>> languages_of("language = 'en' OR language NOT IN ('de', 'it') AND language_score > 0.5 AND title = 'x'")
    ['en', 'de', 'it']
    """
    literals = [group for found in _COMPARED.finditer(expression) for group in found.groups() if group is not None]
    return [text for literal in literals for text in re.findall(r"'([^']*)'", literal)]


def check_rules(signals: DataFrame, *, rules: Sequence[Rule], reserved: frozenset[str] = frozenset()) -> None:
    """Raise RecipeError naming the rules that do not fit the signals, or whose reason a stage gives itself."""
    faults: list[str] = []
    for rule in rules:
        try:
            kind = signals.select(F.expr(rule.sql).alias("keep")).schema["keep"].dataType.simpleString()
        except AnalysisException as error:
            first = str(error).strip().split("\n")[0].split(" SQLSTATE")[0]
            faults.append(f"  filter {rule.reason!r}: {rule.keep!r}: {first}")
            continue
        if kind != "boolean":
            faults.append(f"  filter {rule.reason!r}: {rule.keep!r} gives {kind}, not true or false")
        if rule.reason in reserved:
            faults.append(
                f"  filter {rule.reason!r}: gristmill gives that reason itself (docs/reasons.md); name the rule's own"
            )
        faults += [
            f"  filter {rule.reason!r}: {rule.keep!r} {what}" for what in _unfit(signals.select(F.expr(rule.sql).alias("keep")))
        ]
    if faults:
        known = ", ".join(KNOWN)
        raise RecipeError(
            f"{len(faults)} rule(s) do not fit the signals; nothing was run.\n" + "\n".join(faults) + f"\n  signals: {known}"
        )
