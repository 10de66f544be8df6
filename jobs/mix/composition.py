"""What went into a mix: by corpus, and by language, domain, cluster or whatever the recipe names; small enough for a file."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StructField, StructType

from jobs.engine.job import Job
from jobs.mix.counted import FOLDER, Decided, counted, folder_of
from jobs.mix.settings import Mix
from jobs.mix.weights_file import written
from udfs.mix.worker import DrawCounts

TABLE, WEIGHTS = f"{FOLDER}/composition.json", f"{FOLDER}/weights.csv"
MOST = 20  # values of a column that are told; the others are one row
OTHERS, UNKNOWN = "others", "unknown"
Row = dict[str, Any]


def drawn(job: Job[Mix], decided: Decided) -> DataFrame:
    """Return the counts of all documents with their copies in the mix."""
    rows = counted(job)
    types = StructType([*rows.schema.fields, StructField("copies", LongType())])
    return rows.mapInArrow(DrawCounts(decided.draws), types).where("copies > 0")


def write_composition(job: Job[Mix], decided: Decided) -> None:
    """Write mix/composition.json and mix/weights.csv. The driver sees a row a corpus, and MOST of each column."""
    rows = drawn(job, decided)
    corpora = _corpora(rows, decided)
    tokens = sum(row["tokens"] for row in corpora)
    by = {name: _by(job, rows, name) for name in job.settings.by}
    job.root.write_json(TABLE, {"tokens": tokens, "corpora": corpora, "by": by})
    shares = {row["corpus"]: row["tokens"] / max(1, tokens) for row in corpora}
    job.root.write_text(WEIGHTS, written(job.recipe.run.name, shares))


def _sums() -> list[Any]:
    return [
        F.count("*").alias("documents"),
        F.sum("copies").alias("copies"),
        F.sum("tokens").alias("once"),
        F.sum(F.expr("tokens * copies")).alias("tokens"),
    ]


def _corpora(rows: DataFrame, decided: Decided) -> list[Row]:
    found = {str(row["corpus"]): row.asDict() for row in rows.groupBy("corpus").agg(*_sums()).collect()}
    none = {"documents": 0, "copies": 0, "once": 0, "tokens": 0}
    told = []
    for name, size in decided.sizes.items():
        row = {key: int(found.get(name, none)[key]) for key in none}
        told.append(
            {
                "corpus": name,
                "documents_there": size.documents,
                "tokens_there": size.tokens,
                "asked": decided.wanted[name],
                **row,
                "epochs": round(row["tokens"] / size.tokens, 6) if size.tokens else 0.0,
            }
        )
    return told


def _by(job: Job[Mix], rows: DataFrame, name: str) -> list[Row]:
    """Sum up the values with the most tokens; those without a value are one of them, and all others are a row."""
    value = F.coalesce(F.col("facts")[name], F.lit(UNKNOWN)).alias("value")
    sums = job.root.once(f"{folder_of(job)}/by-{name}", lambda: rows.groupBy(value).agg(*_sums()))
    columns = ("documents", "copies", "once", "tokens")
    every = sums.agg(*(F.coalesce(F.sum(column), F.lit(0)).alias(column) for column in columns)).first()
    assert every is not None
    top = [row.asDict() for row in sums.orderBy(F.desc("tokens"), "value").limit(MOST).collect()]
    rest = {column: int(every[column]) - sum(int(row[column]) for row in top) for column in columns}
    told = [{"value": str(row["value"]), **{column: int(row[column]) for column in columns}} for row in top]
    return [*told, {"value": OTHERS, **rest}] if rest["documents"] else told
