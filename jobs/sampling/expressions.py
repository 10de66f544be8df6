"""The SQL of the steps: what each asks of a document, which columns it may name, and what Spark says of it before any work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import ArrayType, BooleanType, MapType, NumericType, StructType

from jobs.engine import columns
from jobs.engine.analysed import analysis
from jobs.engine.columns import FACTS, complaint, is_chance, more_than_a_row, signals_of
from jobs.engine.errors import RecipeError
from jobs.engine.job import Job
from jobs.engine.labels import check_languages
from jobs.engine.unmeasured import check_measured
from jobs.recipe.where import column_of
from jobs.sampling.method_settings import Buckets, Budget, Dsir, Rehydrate, Softmax, Temperature, Tiers, Top, Unit
from jobs.sampling.settings import Step
from jobs.text_files import TextFileError
from udfs.reading.location import LocationError
from udfs.signals.hashed_ngrams import COLUMN as NGRAMS
from udfs.signals.sets import SIGNAL_SCHEMA

UNITS: dict[Unit, str] = {"documents": "1", "tokens": "token_count", "characters": "character_count"}


@dataclass(frozen=True)
class Asked:
    """What a step asks of a document, as SQL: is it meant, its value, its group, its size, its n-grams. None: it does not ask.

    A value may be several, of which the step makes one.
    """

    where: str | None
    value: str | tuple[str, ...] | None
    group: str | None
    unit: str | None
    features: str | None = None

    def every(self) -> Iterator[tuple[str, str]]:
        """Yield what is asked, with its role: where, value (or value_0, value_1, … if there are several), group, unit, features."""
        for role in ("where", "value", "group", "unit", "features"):
            sql = getattr(self, role)
            if isinstance(sql, tuple):
                yield from ((f"{role}_{n}", one) for n, one in enumerate(sql))
            elif sql is not None:
                yield role, sql


def asked(step: Step) -> Asked:
    """Return what a step asks of a document."""
    method = step.method
    value: str | tuple[str, ...] | None = getattr(method, "by", None)
    match method:
        case Temperature():
            return Asked(step.meant, None, method.over, UNITS[method.unit])
        case Budget():
            return Asked(step.meant, value, method.within, UNITS[method.unit])
        case Dsir():
            return Asked(step.meant, None, None, UNITS[method.unit], NGRAMS)
        case Top() | Softmax() | Buckets() | Tiers() | Rehydrate():
            return Asked(step.meant, value, method.within, None)
    return Asked(step.meant, value, None, None)


def known(job: Job[Any]) -> pa.Schema:
    """Return the columns that a step may name: signals, facts of documents, and what the stages before offer."""
    ngrams = SIGNAL_SCHEMA.field(NGRAMS)
    return pa.schema(
        [*columns.known(job.context), ngrams, *(stage.decisions.schema.field(name) for stage, name in _offers(job))]
    )


def offered(job: Job[Any]) -> tuple[str, ...]:
    """Name the columns that the deciding stages before offer."""
    return tuple(name for _, name in _offers(job))


def _offers(job: Job[Any]) -> list[tuple[Any, str]]:
    taken = {*signals_of(job.context), NGRAMS, *FACTS}
    return [(one, name) for one in job.earlier if one.decisions is not None for name in one.offers if name not in taken]


def named(job: Job[Any], steps: Sequence[Step]) -> set[str]:
    """Return the columns that the steps name."""
    return columns.named(_empty(job), (sql for step in steps for _, sql in asked(step).every()))


def check(job: Job[tuple[Step, ...]]) -> None:
    """Have Spark analyse what every step asks, and raise RecipeError naming all that does not fit, before any work."""
    sql = [list(asked(step).every()) for step in job.settings]
    with analysis(job, sql, columns_of(job)) as rows:
        faults = list(_faults(job, rows))
        if faults:
            raise RecipeError(
                f"{len(faults)} fault(s) in [[sampling]]; nothing was run.\n"
                + "\n".join(faults)
                + f"\n  columns: {', '.join(known(job).names)}"
            )
    check_compared(job)
    whole = (
        (f"step {step.name!r}", " where ".join(sql for _, sql in reversed([*asked(step).every()]))) for step in job.settings
    )
    check_measured(job.context, whole)


def _faults(job: Job[tuple[Step, ...]], rows: DataFrame | None) -> Iterator[str]:
    """Say what is wrong with the steps; without `rows` Spark has found their SQL to fit before."""
    reserved = {reason.name for stage in job.context.stages for reason in stage.reasons}
    rules = {str(rule.reason) for rule in job.recipe.sections.get("filter") or ()}
    for step in job.settings:
        if step.name in reserved | rules:
            yield f"  step {step.name!r}: a rule or gristmill itself gives that reason; name the step otherwise"
        if step.dsir is not None and "hashed_ngrams" not in job.recipe.sections["annotate"].signal_sets:
            yield f'  step {step.name!r}: dsir compares n-grams, which are not measured; add signal_sets = ["hashed_ngrams"] to [annotate]'
        for role, sql in asked(step).every():
            found = _fault(rows, role, sql) if rows is not None else None
            if found is not None:
                yield f"  step {step.name!r}: {sql!r} {found}"
    try:
        job.pinned  # noqa: B018  # reads the files of hosts and of targets, once a run
    except (TextFileError, LocationError) as error:
        yield f"  target: {error}"


def check_compared(job: Job[tuple[Step, ...]]) -> None:
    """Raise RecipeError if a step compares `language` with a label that the model does not have."""
    check_languages(job.context, ((f"step {step.name!r}", sql) for step in job.settings for _, sql in asked(step).every()))


def columns_of(job: Job[Any]) -> pa.Schema:
    """Return the columns that the steps' SQL may name: those that are known, and one for each file of hosts."""
    files = (name for step in job.settings for name in (step.hosts, step.not_hosts) if name is not None)
    return pa.schema([*known(job), *(pa.field(column_of(name), pa.bool_()) for name in dict.fromkeys(files))])


def _empty(job: Job[Any]) -> DataFrame:
    return job.root.spark.createDataFrame([], from_arrow_schema(columns_of(job)))


def _fault(rows: DataFrame, role: str, sql: str) -> str | None:
    """Say why an expression cannot answer for one document alone, or answers with the wrong type; None if it can."""
    try:
        chosen = rows.select(F.expr(sql).alias("asked"))
    except AnalysisException as error:
        return f"does not fit: {complaint(error)}"
    kind = chosen.schema["asked"].dataType
    if more_than_a_row(chosen, rows):
        return "looks at other documents, or makes several of one; a step sees one"
    if is_chance(chosen):
        return "is another at every run; chance is the method's own, and needs no rand()"
    if role == "where" and not isinstance(kind, BooleanType):
        return f"gives {kind.simpleString()}, not true or false"
    if (role.startswith("value") or role == "unit") and not isinstance(kind, NumericType):
        return f"gives {kind.simpleString()}, not a number"
    if role == "group" and isinstance(kind, ArrayType | MapType | StructType):
        return f"gives {kind.simpleString()}, not the name of a group"
    return None
