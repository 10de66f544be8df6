"""The pool: the documents that came, with their vectors, and the first of each group of equal vectors."""

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.columns import FACTS, known, named, signals_of
from jobs.engine.errors import LedgerError
from jobs.engine.job import Job
from jobs.semantic.settings import Semantic
from jobs.semantic.work import Work
from udfs.vectors.assigned_batches import only_usable

EMBEDDING = "embedding"
FEW = 100_000  # groups of equal vectors that are broadcast, some 100 bytes each
MEANT = "meant"
POOL = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "chunk")),
        ("vector", pa.binary()),
        ("tie", pa.int64()),
        ("worse", pa.float64()),
        (MEANT, pa.bool_()),
    ]
)


def write_pool(job: Job[Semantic], work: Work) -> DataFrame:
    """Write POOL of what the stages before kept, unless that is done.

    `meant` is what `where` says of the document. `vector` is null where the document is not meant, or has none that has a direction.
    `tie` is a hash of the id. `worse` orders by quality, smaller first; it is 0 for all if the order does not ask for quality, and null
    where quality is.
    """
    return work.root.once(work.step("pool"), lambda: _pool(job, work))


def _pool(job: Job[Semantic], work: Work) -> DataFrame:
    settings = job.settings
    rows = _with_columns(job, job.kept().join(job.signals(EMBEDDING).select("id", EMBEDDING), on="id", how="left"))
    worse: Column = F.lit(0.0)
    if settings.quality is not None:
        quality = F.expr(settings.quality).cast("double")
        worse = F.when(~F.isnan(quality), -quality)
    meant = F.expr(settings.where) if settings.where is not None else F.lit(True)
    tie = F.xxhash64(F.col("id"), F.lit(settings.seed))
    vector = F.when(meant, F.col(EMBEDDING)).alias("vector")
    narrow = rows.select("id", "chunk", vector, tie.alias("tie"), worse.alias("worse"), meant.alias(MEANT))
    return narrow.mapInArrow(only_usable, from_arrow_schema(POOL))


def _with_columns(job: Job[Semantic], rows: DataFrame) -> DataFrame:
    """Add the signals and facts that `where` and `quality` name."""
    asked = [sql for sql in (job.settings.where, job.settings.quality) if sql is not None]
    names = named(empty(job), asked) if asked else set()
    signals = [name for name in signals_of(job.context) if name in names]
    facts = [name for name in FACTS if name in names and name != "id"]
    if signals:
        rows = rows.join(job.signals(*signals).select("id", *signals), on="id", how="left")
    if facts:
        rows = rows.join(job.documents().select("id", *facts), on="id", how="left")
    return rows


def empty(job: Job[Semantic]) -> DataFrame:
    """Return no rows, with the columns that `where` and `quality` may name."""
    return job.root.spark.createDataFrame([], from_arrow_schema(known(job.context)))


def width_of(pool: DataFrame) -> int:
    """Return the width of the vectors; 1 if there is none. Raises LedgerError if there are several."""
    widths = [int(row["width"]) for row in pool.select((F.length("vector") / 2).alias("width")).dropna().distinct().take(3)]
    if len(widths) > 1:
        raise LedgerError(
            f"semantic: vectors of {' and '.join(map(str, sorted(widths)))} numbers cannot be compared, so the stage is not finished. "
            f"Measure them again: --from annotate"
        )
    return widths[0] if widths else 1


def write_equal(work: Work, pool: DataFrame) -> None:
    """Write the groups of equal vectors, unless that is done: key, first (its id) and copies. Vectors are not moved.

    The first is the best by `worse`, then by the hash of the id. A crowd of equal vectors is one row from here on.
    """
    order = F.struct(F.col("worse").isNull(), F.col("worse"), F.col("tie"), F.col("id"))
    groups = keyed(pool).groupBy("key").agg(F.min(order).alias("best"), F.count("*").alias("copies")).where("copies > 1")
    work.root.once(work.step("equal"), lambda: groups.select("key", F.col("best.id").alias("first"), "copies"))


def keyed(pool: DataFrame) -> DataFrame:
    """Return the rows that have a vector, with a hash of it."""
    return pool.where("vector IS NOT NULL").withColumn("key", F.md5("vector"))


def with_first(work: Work, pool: DataFrame) -> DataFrame:
    """Return the rows that have a vector, with the first of their equals and how many those are; null for one without equals."""
    equal = work.root.table(work.step("equal"))
    return keyed(pool).join(F.broadcast(equal) if equal.count() <= FEW else equal, on="key", how="left").drop("key")
