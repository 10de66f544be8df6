"""SemDeDup: documents that are too like another of their cluster go; the threshold is given, or found by the share that is to stay."""

from collections.abc import Sequence
from typing import Any

import xxhash
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.semantic.settings import Duplicates
from jobs.semantic.work import Work
from udfs.vectors.duplicate_groups import GONE, PLACE, TRIED, finding, trying

SHARE = 0.1  # of the clusters, in which a threshold is searched: the paper's
LEAST, MOST = 10_000, 200_000  # documents of them: of few, a tenth would say little of the others
LOWEST, PASSES, POINTS = (
    0.5,
    3,
    5,
)  # a pass tries so many thresholds between two; three passes leave 0.5 / 5^3 = 0.004 between them


def write_gone(work: Work, placed: DataFrame, *, min_cosine: float) -> DataFrame:
    """Write GONE, a row for each document that goes, unless that is done. `placed` has a place for each document (`divided`).

    A worker holds one place at a time: at most about max_cluster_size vectors.
    """
    asked = _asked(work)
    compare = finding(min_cosine=min_cosine, rule=asked.rule)
    return work.root.once(work.step("gone"), lambda: _by_place(work, placed).applyInArrow(compare, from_arrow_schema(GONE)))


def threshold(work: Work, placed: DataFrame) -> dict[str, Any]:
    """Return min_cosine, and if it was searched: the share asked for, the clusters and documents looked at, and all that was tried.

    The share is one of all documents, so equal vectors count: only the first of them stays. The search looks at whole clusters, chosen
    by a hash of their numbers. Between the last two thresholds it interpolates, as the paper's search does.
    """
    asked, place = _asked(work), work.step("threshold.json")
    if asked.keep is None:
        return {"min_cosine": asked.min_cosine}
    done = work.root.read_json(place)
    if done is None:
        chosen, documents, rows = _sampled(work, placed)
        tried = _search(rows, asked, target=asked.keep * documents) if rows is not None else {1.0: documents}
        if rows is not None:
            rows.unpersist()
        found = interpolated(tried, target=asked.keep * documents)
        done = {"min_cosine": found, "keep": asked.keep, "clusters": chosen, "documents": documents}
        done |= {"tried": [[one, kept] for one, kept in sorted(tried.items())]}
        work.root.write_json(place, done)
    return done


def _search(rows: DataFrame, asked: Duplicates, *, target: float) -> dict[float, int]:
    """Try thresholds, each time between the two that the target lies between, and return how many documents stay at each."""
    tried: dict[float, int] = {}
    low, high = LOWEST, 1.0
    for number in range(PASSES):
        points = [round(low + (high - low) * n / POINTS, 6) for n in range(POINTS + 1)]
        compare = trying(tried=[one for one in points if one not in tried], rule=asked.rule)
        counted = rows.groupBy(*PLACE).applyInArrow(compare, from_arrow_schema(TRIED)).groupBy("min_cosine").agg(F.sum("kept"))
        tried |= {float(row[0]): int(row[1]) for row in counted.collect()}
        low, high = between(tried, target=target)
        if number == 0 and low == high:
            break  # even the lowest keeps more, or the highest fewer
    return tried


def between(tried: dict[float, int], *, target: float) -> tuple[float, float]:
    """Return the two neighbouring thresholds that the target lies between; one twice if it lies outside.

    >>> between({0.5: 10, 0.7: 40, 0.9: 90}, target=50), between({0.5: 10, 0.7: 40}, target=5), between({0.5: 10, 0.7: 40}, target=50)
    ((0.7, 0.9), (0.5, 0.5), (0.7, 0.7))
    """
    points = sorted(tried)
    below = [one for one in points if tried[one] <= target]
    if not below:
        return points[0], points[0]
    low = max(below)
    above = [one for one in points if one > low]
    return (low, min(above)) if above else (low, low)


def interpolated(tried: dict[float, int], *, target: float) -> float:
    """Return the threshold at which the target would stay if it grew evenly between two that were tried, to four digits.

    >>> interpolated({0.5: 10, 0.7: 40, 0.9: 80}, target=50)
    0.75
    """
    low, high = between(tried, target=target)
    share = (target - tried[low]) / (tried[high] - tried[low]) if tried[high] > tried[low] else 0.0
    return round(low + (high - low) * share, 4)


def _sampled(work: Work, placed: DataFrame) -> tuple[int, int, DataFrame | None]:
    """Choose clusters; return how many, their documents with equal ones, and their rows, which are kept in memory or on local disk."""
    counted = placed.groupBy("cluster").agg(F.count("*").alias("rows"), F.sum("copies").alias("documents")).collect()
    rows = {int(row["cluster"]): int(row["rows"]) for row in counted}
    documents = {int(row["cluster"]): int(row["documents"]) for row in counted}
    chosen = some_clusters(rows, seed=work.settings.seed)
    if not chosen:
        return 0, 0, None
    some = _by_place_columns(work, placed.where(F.col("cluster").isin(list(chosen)))).persist()
    return len(chosen), sum(documents[one] for one in chosen), some


def some_clusters(rows: dict[int, int], *, seed: int) -> Sequence[int]:
    """Return a tenth of the clusters in the order of a hash: more while they have fewer than LEAST rows, fewer once they have MOST.

    >>> [len(some_clusters(dict.fromkeys(range(95), rows), seed=1)) for rows in (10, 500, 50_000)], some_clusters({}, seed=1)
    ([95, 20, 4], [])
    """
    chosen: list[int] = []
    seen = 0
    for one in sorted(rows, key=lambda one: xxhash.xxh64_intdigest(f"{seed}:{one}".encode())):
        enough = len(chosen) >= len(rows) * SHARE and seen >= LEAST
        if enough or (chosen and seen + rows[one] > MOST):
            break
        chosen.append(one)
        seen += rows[one]
    return chosen


def _by_place(work: Work, placed: DataFrame) -> Any:
    return _by_place_columns(work, placed).groupBy(*PLACE)


def _by_place_columns(work: Work, placed: DataFrame) -> DataFrame:
    return placed.select(*PLACE, "id", "vector", _key(_asked(work)).alias("key"), "tie")


def _key(asked: Duplicates) -> Column:
    """Return what the rows of a cluster are ordered by, the smallest first."""
    match asked.order:
        case "farthest":
            return F.col("to_centroid")
        case "nearest":
            return -F.col("to_centroid")
        case "random":
            return F.lit(0.0)
        case "quality":
            return F.col("worse")


def _asked(work: Work) -> Duplicates:
    assert work.settings.duplicates is not None
    return work.settings.duplicates
