"""Parts: repeated lines, paragraphs and runs of words, cut as edits from the documents that dedup kept; a document may lose all of them."""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import LongType, StringType, StructField, StructType

from jobs.dedup import stage as dedup
from jobs.engine.context import Context
from jobs.engine.fingerprint import code, fingerprint, package_versions
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.numbering import numbered
from jobs.engine.root import Root
from jobs.passages.lines import cut_repeated_lines
from jobs.passages.paragraphs import cut_seen_paragraphs
from jobs.passages.settings import Parts
from jobs.passages.substrings import cut_repeated_substrings
from jobs.passages.texts import Work, read, write_order
from udfs.edits.edited_batches import CUT_SCHEMA, MERGED_SCHEMA, merge_layers

PACKAGES = ("numpy", "regex", "xxhash")
FOLDERS = ("decisions/parts", "edits/parts", "parts")
DECISIONS = StructType(
    [
        *(StructField(name, StringType()) for name in ("id", "outcome", "reason")),
        *(StructField(name, LongType()) for name in ("removed_characters", "ngrams_seen", "ngrams")),
        StructField("chunk", StringType()),
    ]
)


def stale_key(context: Context) -> str:
    """Fingerprint what decides the cuts: dedup's decisions, the settings and the code."""
    settings = context.recipe.parts.model_dump() if context.recipe.parts is not None else None
    return fingerprint("parts", dedup.stale_key(context), settings, code("jobs.passages.stage"), package_versions(PACKAGES))


def run(context: Context) -> Ledger:
    """Find the parts, write their edits, and prove that each document that dedup kept has one decision.

    1. Documents are numbered by hash of id; that is the order in which "before" is meant.
    2. Each way of finding parts sees the texts as the line edits and the ways before it leave them, and writes cuts.
    3. The cuts of all ways become one list of edits a document (edits/parts), and one decision (decisions/parts).
    All of it is Parquet under parts/<fingerprint>/, so a killed run goes on with the table it was at.
    """
    root = context.root
    assert context.recipe.parts is not None, "the runner leaves the stage out"
    folder = f"parts/{stale_key(context)}"
    for other in root.names("parts"):
        if f"parts/{other}" != folder:
            root.delete(f"parts/{other}")
    write_order(root, folder)
    ways, counts = _find(context, folder, context.recipe.parts)
    everyone = numbered(root, folder)
    cuts = [read(root, f"{folder}/{way}/cuts", CUT_SCHEMA) for way in ways]
    _save(root, _decisions(everyone, cuts, counts), "decisions/parts")
    _save(root, _edits(everyone, cuts), "edits/parts")
    came = tally(root.deduped().where("outcome = 'kept'"))
    return ledger(came=came, decisions=decisions(root), kept="kept")


def decisions(root: Root, chunk: str | None = None) -> DataFrame:
    """Read the stage's decisions, of one chunk or of all."""
    rows = root.spark.read.schema(DECISIONS).parquet(root.at("decisions/parts"))
    return rows if chunk is None else rows.where(F.col("chunk") == chunk)


def kept(root: Root, chunk: str) -> DataFrame:
    """Return id and cuts (none is null) of a chunk's documents that the stage kept."""
    edits = root.spark.read.schema(from_arrow_schema(MERGED_SCHEMA)).parquet(root.at("edits/parts"))
    rows = edits.where(F.col("chunk") == chunk)
    on = decisions(root, chunk).where("outcome = 'kept'").select("id")
    return on.join(rows.select("id", F.col("edits").alias("cuts")), on="id", how="left")


def _find(context: Context, folder: str, settings: Parts) -> tuple[list[str], DataFrame]:
    """Let each way of the recipe write its cuts; return their names, and nr, ngrams_seen, ngrams where they were counted.

    Lines and paragraphs come before runs of words, since a line that has lost a run is another line.
    """
    ways: list[str] = []
    counts = context.root.spark.createDataFrame([], "nr bigint, ngrams_seen bigint, ngrams bigint")

    def work(name: str) -> Work:
        return Work(context, folder, fingerprint=stale_key(context), name=name, before=tuple(ways))

    if settings.ccnet_lines is not None:
        cut_repeated_lines(work("ccnet_lines"), settings.ccnet_lines)
        ways.append("ccnet_lines")
    if settings.bff is not None:
        counts = cut_seen_paragraphs(work("bff"), settings.bff)
        ways.append("bff")
    if settings.substrings is not None:
        cut_repeated_substrings(work("substrings"), settings.substrings)
        ways.append("substrings")
    return ways, counts


def _decisions(everyone: DataFrame, cuts: list[DataFrame], counts: DataFrame) -> DataFrame:
    """Return a decision for every document: dropped if a way gave a reason, with the characters that all ways took."""
    rows = everyone.join(counts, on="nr", how="left")
    for place, way in enumerate(cuts):
        names = F.col("removed").alias(f"removed_{place}"), F.col("reason").alias(f"reason_{place}")
        rows = rows.join(way.select("id", *names), on="id", how="left")
    removed: list[Column] = [F.coalesce(f"removed_{place}", F.lit(0)) for place in range(len(cuts))]
    return rows.select(
        "id",
        F.when(F.coalesce(*_named("reason", cuts)).isNull(), "kept").otherwise("dropped").alias("outcome"),
        F.coalesce(*_named("reason", cuts)).alias("reason"),
        reduce(Column.__add__, removed).alias("removed_characters"),
        "ngrams_seen",
        "ngrams",
        "chunk",
    )


def _edits(everyone: DataFrame, cuts: list[DataFrame]) -> DataFrame:
    """Return id, chunk and edits of every document that loses a part."""
    rows = everyone.select("id", "chunk")
    for place, way in enumerate(cuts):
        rows = rows.join(way.select("id", F.col("edits").alias(f"layer_{place}")), on="id", how="left")
    layers = _named("layer", cuts)
    touched = rows.where(F.coalesce(*layers).isNotNull()).select("id", "chunk", F.array(*layers).alias("layers"))
    return touched.mapInArrow(merge_layers, from_arrow_schema(MERGED_SCHEMA))


def _named(what: str, cuts: list[DataFrame]) -> list[Column]:
    return [F.col(f"{what}_{place}") for place in range(len(cuts))]


def _save(root: Root, rows: DataFrame, relative: str) -> None:
    rows.repartition("chunk").write.mode("overwrite").partitionBy("chunk").parquet(root.at(relative))
