"""What the report shows of the semantic stage: how many went and why, how alike and how far they were, and the largest clusters."""

from collections.abc import Iterator

from pyspark.sql import functions as F

from jobs.engine.card import Card
from jobs.engine.job import Context
from jobs.semantic.tables import CLUSTERS, DECISIONS

BANDS = 20  # of a histogram, each 0.05 wide
LARGEST = 20


def cards(context: Context) -> Iterator[Card]:
    """Yield the outcomes, two histograms, the pairs that clusters part, and the largest clusters."""
    yield from (_outcomes(context), _cosines(context), _distances(context))
    found = (context.root.markers.stage(DECISIONS.path) or {}).get("recall")
    if found is not None:
        yield _recall(found)
    yield _largest(context)


def _outcomes(context: Context) -> Card:
    counted = context.root.read(DECISIONS).groupBy("outcome", "reason").count().orderBy("outcome", "reason").collect()
    total = sum(row["count"] for row in counted) or 1
    rows = tuple((row["reason"] or row["outcome"], row["count"], round(row["count"] / total, 4)) for row in counted)
    return Card("Semantic outcomes", "What became of the documents that came.", ("outcome", "documents", "share"), rows)


def _cosines(context: Context) -> Card:
    gone = context.root.read(DECISIONS).where("dropped_by_cosine IS NOT NULL")
    band = F.least(F.floor(F.col("dropped_by_cosine") * 100), F.lit(99)).cast("int")
    counted = gone.groupBy(band.alias("band")).count().orderBy("band").collect()
    rows = tuple((f"{row['band'] / 100:.2f}", row["count"]) for row in counted)
    note = "Semantic duplicates by the cosine to the document that decided, in bands of 0.01."
    return Card("How alike semantic duplicates are", note, ("cosine from", "documents"), rows)


def _distances(context: Context) -> Card:
    placed = context.root.read(DECISIONS).where("distance_to_centroid IS NOT NULL")
    band = F.floor(F.greatest("distance_to_centroid", F.lit(0.0)) * BANDS).cast("int")
    kept = F.count_if(F.col("outcome") == "kept")
    counted = placed.groupBy(band.alias("band")).agg(F.count("*").alias("n"), kept.alias("kept")).orderBy("band").collect()
    rows = tuple((f"{row['band'] / BANDS:.2f}", row["n"], row["kept"]) for row in counted)
    note = "Documents by their distance to the centroid, which is 1 minus the cosine. A prototype lies near."
    return Card("Distance to the centroid", note, ("distance from", "documents", "kept"), rows)


def _recall(found: dict[str, int]) -> Card:
    rows = (
        ("pairs above the threshold", found["pairs"], found["together"]),
        ("documents with such a pair", found["met"], found["found"]),
    )
    note = (
        f"An estimate by brute force: {found['probes']:,} documents, chosen by a hash, against {found['others']:,}. Only documents of one "
        f"cluster are compared."
    )
    return Card("Pairs that clusters part", note, ("what", "by brute force", "in one cluster"), rows)


def _largest(context: Context) -> Card:
    found = context.root.read(CLUSTERS).orderBy(F.desc("documents"), "cluster").limit(LARGEST).collect()
    rows = tuple(
        (row["label"] or "", row["cluster"], row["clustering"], row["documents"], row["kept"], row["mean_distance"])
        for row in found
    )
    note = "By their telling words. The second clustering is of what the duplicates left; equal vectors count once."
    return Card("Largest clusters", note, ("words", "cluster", "clustering", "documents", "kept", "mean distance"), rows)
