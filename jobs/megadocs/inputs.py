"""The pages and the texts of a model that megadocs are woven of: read from roots or Parquet, as one table of pieces."""

from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.engine.corpus_plan import published
from jobs.engine.errors import RecipeError
from jobs.engine.literal_paths import literal
from jobs.engine.plan import version_of
from jobs.engine.store import needs_spark
from jobs.megadocs.settings import Megadocs
from udfs.corpus.folders import corpus_files
from udfs.megadocs.worker import PIECE_FIELDS
from udfs.reading.local_path import local_path

PLAIN = ("url", "date", "dump", "language")  # of a page; a corpus may lack them


def state(item: str) -> list[Any]:
    """Say what an input holds now: the fingerprint of a root's corpus, or the files of a folder and their versions.

    Raises RecipeError for a root that has no finished corpus, LocationError for what is not there.
    """
    item = local_path(item)
    if needs_spark(item):
        return [item]
    corpus = published(item)
    return [item, *([path, version_of(path)] for path in corpus_files(item))] if corpus is None else [item, corpus[1]]


def folder(item: str) -> str:
    """Return the folder or file of Parquet that an input is: of a root its corpus."""
    item = local_path(item).rstrip("/")
    corpus = published(item)
    return item if corpus is None else corpus[0]


def pages(spark: SparkSession, items: tuple[str, ...], *, dump: str) -> DataFrame:
    """Read the pages of the real corpora as pieces."""
    return _united(_page_rows(spark, item, dump) for item in items)


def texts(spark: SparkSession, settings: Megadocs) -> DataFrame:
    """Read the texts of the synthetic corpora as pieces; one that names no parent, or several, has no page_id."""
    return _united(_text_rows(spark, item, settings) for item in settings.synthetic)


def _page_rows(spark: SparkSession, item: str, dump: str) -> DataFrame:
    rows = _read(spark, item, needed=("id", "text"))
    there = {name: F.col(name).cast("string") if name in rows.columns else F.lit(None).cast("string") for name in PLAIN}
    there["dump"] = F.coalesce(there["dump"], F.lit(dump))
    there["page_language"] = there.pop("language")
    return _pieces(rows, item, page_id=F.col("id"), is_page=F.lit(True), nth=F.lit(0), **there)


def _text_rows(spark: SparkSession, item: str, settings: Megadocs) -> DataFrame:
    rows = _read(spark, item, needed=("id", "text", "parents", *(("carried",) if settings.style is not None else ())))
    if settings.style is not None:
        rows = rows.where(F.col("carried")["style"] == settings.style)
    gaps = F.col("carried")["gaps"].try_cast("int") if "carried" in rows.columns else F.lit(None)
    nth = F.col("nth") if "nth" in rows.columns else F.lit(0)
    one = F.when(F.size("parents") == 1, F.col("parents")[0]["id"])
    return _pieces(rows, item, page_id=one, is_page=F.lit(False), nth=nth, gaps=gaps)


def _pieces(rows: DataFrame, item: str, **columns: Column) -> DataFrame:
    given = {"root": F.lit(local_path(item)), "id": F.col("id"), "text": F.col("text"), **columns}
    types = {field.name: str(field.type) for field in PIECE_FIELDS}
    spark_names = {"string": "string", "bool": "boolean", "int32": "int"}
    return rows.select(*[given.get(name, F.lit(None)).cast(spark_names[kind]).alias(name) for name, kind in types.items()])


def _read(spark: SparkSession, item: str, *, needed: tuple[str, ...]) -> DataFrame:
    rows = literal(spark).parquet(folder(item))
    missing = [name for name in needed if name not in rows.columns]
    if missing:
        raise RecipeError(
            f"input {item!r} has no column {', '.join(missing)}; nothing was run. Its columns are {', '.join(rows.columns)}. A run "
            f'publishes further columns if its recipe names them: [publish] columns = ["parents", "nth", "carried"]'
        )
    return rows


def _united(tables: Any) -> DataFrame:
    first, *others = tables
    for one in others:
        first = first.unionByName(one)
    united: DataFrame = first
    return united
