"""Passages: repeated lines, paragraphs and runs of words, cut as edits from the documents that are kept; a document may lose all of them."""

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.numbering import numbered
from jobs.engine.small_table import small_table
from jobs.passages.lines import cut_lines_of_earlier_pages, cut_repeated_lines
from jobs.passages.paragraphs import cut_seen_paragraphs
from jobs.passages.settings import Passages
from jobs.passages.substrings import cut_repeated_substrings
from jobs.passages.tables import DECISIONS, EDITS
from jobs.passages.texts import Work, read, write_order
from udfs.edits.edited_batches import CUT_SCHEMA, MERGED_SCHEMA, merge_layers

FOLDER = "passages"


def run(job: Job[Passages]) -> Ledger:
    """Find the passages, write their edits, and prove that each document that was kept has one decision.

    1. Documents are numbered by hash of id; that is the order in which "before" is meant.
    2. Each way of finding passages sees the texts as the line edits and the ways before it leave them, and writes cuts.
    3. The cuts of all ways become one list of edits a document (edits/passages), and one decision (decisions/passages).
    All of it is Parquet under passages/<fingerprint>/, so a killed run goes on with the table it was at.
    """
    root = job.root
    folder = f"{FOLDER}/{fingerprint(job.key())}"
    write_order(job, folder)
    found = _find(job, folder)
    everyone = numbered(root, folder)
    cuts = [read(root, f"{folder}/{way}/cuts", CUT_SCHEMA) for way in found.ways]
    root.name_jobs("passages", step="edits")
    edits = root.write(_edits(everyone, cuts), EDITS)
    failed = reduce(
        DataFrame.unionByName,
        [rows.where("error IS NOT NULL").select("id") for rows in (edits, *cuts)],
        everyone.join(found.errors, on="nr", how="left_semi").select("id"),
    )
    root.name_jobs("passages", step="decisions")
    root.write(_decisions(everyone, cuts, found.counts, failed=failed.distinct()), DECISIONS)
    proved = ledger(came=tally(job.kept()), decisions=root.read(DECISIONS), kept="kept")
    root.delete_all_but(FOLDER, [folder.removeprefix(f"{FOLDER}/")])  # what other fingerprints have left
    return proved


@dataclass(frozen=True)
class Found:
    """Name the ways that wrote cuts; `counts` has nr, ngrams_seen and ngrams where they were counted, `errors` nr and error."""

    ways: tuple[str, ...]
    counts: DataFrame
    errors: DataFrame


def _find(job: Job[Passages], folder: str) -> Found:
    """Let each way of the recipe write its cuts.

    Lines and paragraphs come before runs of words, since a line that has lost a run is another line.
    """
    ways: list[str] = []
    settings, fingerprints = job.settings, folder.rpartition("/")[2]
    counts = small_table(job.root.spark, [], "nr bigint, ngrams_seen bigint, ngrams bigint")
    errors = small_table(job.root.spark, [], "nr bigint, error string")

    def work(name: str) -> Work:
        return Work(job, folder, fingerprint=fingerprints, name=name, before=tuple(ways))

    if settings.ccnet_lines is not None:
        errors = errors.unionByName(cut_repeated_lines(work("ccnet_lines"), settings.ccnet_lines))
        ways.append("ccnet_lines")
    if settings.c4_lines is not None:
        errors = errors.unionByName(cut_lines_of_earlier_pages(work("c4_lines"), settings.c4_lines))
        ways.append("c4_lines")
    if settings.bff is not None:
        counts, bad = cut_seen_paragraphs(work("bff"), settings.bff)
        errors = errors.unionByName(bad)
        ways.append("bff")
    if settings.substrings is not None:
        errors = errors.unionByName(cut_repeated_substrings(work("substrings"), settings.substrings))
        ways.append("substrings")
    return Found(tuple(ways), counts, errors)


def _decisions(everyone: DataFrame, cuts: list[DataFrame], counts: DataFrame, *, failed: DataFrame) -> DataFrame:
    """Return a decision for every document: dropped if a way gave a reason, with the characters that all ways took.

    A document of `failed` (id) would keep what it should lose, so it has failed.
    """
    rows = everyone.join(counts, on="nr", how="left")
    rows = rows.join(failed.withColumn("failed", F.lit(True)), on="id", how="left")
    for place, way in enumerate(cuts):
        names = F.col("removed").alias(f"removed_{place}"), F.col("reason").alias(f"reason_{place}")
        rows = rows.join(way.select("id", *names), on="id", how="left")
    removed: list[Column] = [F.coalesce(f"removed_{place}", F.lit(0)) for place in range(len(cuts))]
    reason = F.coalesce(*_named("reason", cuts))
    return rows.select(
        "id",
        F.when(F.col("failed"), "failed").when(reason.isNull(), "kept").otherwise("dropped").alias("outcome"),
        F.when(F.col("failed"), "passages_error").otherwise(reason).alias("reason"),
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
