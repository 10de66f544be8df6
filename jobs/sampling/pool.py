"""The pool: the documents that came into sampling, with what each step asks of them, as one narrow table."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_type

from jobs.engine.columns import FACTS, signals_of
from jobs.engine.host_lists import marked
from jobs.engine.job import Job
from jobs.sampling.expressions import Asked, asked, named, offered
from jobs.sampling.settings import Step
from jobs.sampling.tables import STEPS
from udfs.signals.hashed_ngrams import COLUMN as NGRAMS

UNMEASURED = "unsampled"
ONE_GROUP = ""


def column(role: str, place: int) -> str:
    """Name the pool's column with the answer to what a step asks: applies, value, group or unit.

    `applies` is true if the step sees the document, false if it does not, and null if something that it asks was not measured.
    """
    return f"{role}_{place}"


def write_pool(job: Job[tuple[Step, ...]], folder: str) -> DataFrame:
    """Write id, chunk and the steps' columns of what the stages before kept, unless that is done. Text is not read."""
    return job.root.once(f"{folder}/pool", lambda: _pool(job))


def _pool(job: Job[tuple[Step, ...]]) -> DataFrame:
    names = named(job, job.settings)
    rows = job.offered([name for name in offered(job) if name in names])
    signals, facts = ([name for name in known if name in names] for known in ((*signals_of(job.context), NGRAMS), FACTS))
    if signals:
        rows = rows.join(job.signals(*signals).select("id", *signals), on="id", how="left")
    hosts = (job.pinned or {}).get("hosts")
    if hosts and "host" not in facts:
        facts.append("host")
    if facts := [name for name in facts if name != "id"]:
        rows = rows.join(job.documents().select("id", *facts), on="id", how="left")
    rows = marked(rows, hosts)
    return answered(rows, job.settings)


def answered(rows: DataFrame, steps: Sequence[Step]) -> DataFrame:
    """Return id, chunk and the answers to all that the steps ask, of rows that have the columns they name."""
    answers = [answer for place, step in enumerate(steps) for answer in _answers(asked(step), place)]
    return rows.select("id", "chunk", *answers).select(
        "id", "chunk", *(c for place, step in enumerate(steps) for c in _judged(asked(step), place))
    )


def _answers(ask: Asked, place: int) -> list[Column]:
    """Evaluate what a step asks; a value that is no finite number, and a negative size, are null."""
    found = []
    for role, sql in ask.every():
        answer = F.expr(sql)
        if role.startswith("value"):
            number = answer.cast("double") + F.lit(0.0)  # -0.0 becomes 0.0
            answer = F.when(~F.isnan(number) & (F.abs(number) != F.lit(float("inf"))), number)
        elif role == "unit":
            answer = F.when(answer >= 0, answer.cast("long"))
        elif role == "group":
            answer = answer.cast("string")
        found.append(answer.alias(column(role, place)))
    return found


def _judged(ask: Asked, place: int) -> list[Column]:
    """Add `applies`, and leave out `where`."""
    roles = [role for role, _ in ask.every()]
    measured = F.lit(True)
    for role in roles:
        measured = measured & F.col(column(role, place)).isNotNull()
    meant = F.col(column("where", place)) if "where" in roles else F.lit(True)
    applies = F.when(~meant, F.lit(False)).when(meant & measured, F.lit(True))
    return [applies.alias(column("applies", place)), *(F.col(column(role, place)) for role in roles if role != "where")]


def begin(pool: DataFrame) -> DataFrame:
    """Give every document of the pool one copy; `reason` is null as long as it stays, `bucket` until it has one, `steps` lists the steps that saw it."""
    none = F.array().cast(from_arrow_type(STEPS))
    return pool.select(
        "*",
        F.lit(None).cast("string").alias("reason"),
        F.lit(1).cast("long").alias("copies"),
        none.alias("steps"),
        F.lit(None).cast("string").alias("bucket"),
    )


def seen_by(rows: DataFrame, place: int) -> DataFrame:
    """Return the documents of the pool that a step sees: those that are still there, and that it is meant for."""
    return rows.where(F.col("reason").isNull() & F.col(column("applies", place)))


def group_of(rows: DataFrame, place: int) -> Column:
    """Return the group of a document in a step; a step without groups has one."""
    name = column("group", place)
    return F.col(name) if name in rows.columns else F.lit(ONE_GROUP)
