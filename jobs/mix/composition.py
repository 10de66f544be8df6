"""What went into a mix: by corpus, and by language, domain, cluster or whatever the recipe names; small enough for a file."""

from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import LongType, StructType

from jobs.engine.job import Job
from jobs.mix.counted import FOLDER, Decided, counted
from jobs.mix.settings import Mix
from jobs.mix.weights_file import written
from udfs.mix.worker import COUNT_ROWS, DrawCounts

TABLE, WEIGHTS = f"{FOLDER}/composition.json", f"{FOLDER}/weights.csv"
MOST = 20  # values of a column that are told; the others are one row
OTHERS, UNKNOWN = "others", "unknown"
Row = dict[str, Any]


def drawn(job: Job[Mix], decided: Decided) -> DataFrame:
    """Return the counts of all documents with their copies in the mix."""
    rows = counted(job)
    types = StructType([*from_arrow_schema(COUNT_ROWS).fields]).add("copies", LongType())
    return rows.mapInArrow(DrawCounts(decided.draws), StructType([f for f in types.fields if f.name != "failed"])).where(
        "copies > 0"
    )


def write_composition(job: Job[Mix], decided: Decided) -> None:
    """Write mix/composition.json and mix/weights.csv. The driver sees a row a corpus, and MOST of each column."""
    rows = drawn(job, decided)
    corpora = _corpora(rows, decided)
    whole = sum(row["tokens"] for row in corpora) or 1
    by = {name: _by(rows, name) for name in job.settings.by}
    job.root.write_json(TABLE, {"tokens": whole if corpora else 0, "corpora": corpora, "by": by})
    shares = {row["corpus"]: row["tokens"] / whole for row in corpora}
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


def _by(rows: DataFrame, name: str) -> list[Row]:
    """Sum up the values with the most tokens; the others, and those without a value, are a row each."""
    value = F.coalesce(F.col("facts")[name], F.lit(UNKNOWN))
    sums = rows.groupBy(value.alias("value")).agg(*_sums())
    place = F.row_number().over(Window.partitionBy().orderBy(F.desc("tokens"), "value"))
    told = F.when(F.col("place") <= MOST, F.col("value")).otherwise(OTHERS)
    few = sums.withColumn("place", place).groupBy(told.alias("value"), F.least("place", F.lit(MOST + 1)).alias("place"))
    columns = ("documents", "copies", "once", "tokens")
    found = few.agg(*(F.sum(column).alias(column) for column in columns)).orderBy("place").collect()
    return [{"value": str(row["value"]), **{column: int(row[column]) for column in columns}} for row in found]
