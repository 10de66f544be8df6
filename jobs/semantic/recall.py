"""What clustering misses: pairs above the threshold that lie in different clusters, counted by brute force from a sample."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.semantic.work import Work
from udfs.vectors.duplicate_groups import MET, PLACE, Meet, Probes

PROBES = 500  # documents that are compared with all others
OTHERS = 200_000  # at most, chosen by hash


def recall(work: Work, placed: DataFrame, *, min_cosine: float) -> dict[str, Any]:
    """Count for some documents, chosen by hash, how many others are as similar as the threshold, and how many of those share its place.

    Returns probes, others, pairs, together, and of the probes with a pair: met (how many) and found (those with one in their place).
    Equal vectors are one document here. The driver receives the probes' vectors and a row for each.
    """
    place = work.step("recall.json")
    done = work.root.read_json(place)
    if done is None:
        count = placed.count()
        probes = Probes.of(work.some(placed, of=count, about=PROBES, purpose="probe").select("id", "vector", *PLACE).toArrow())
        sent = work.root.spark.sparkContext.broadcast(probes)
        others = work.some(placed, of=count, about=OTHERS, purpose="other").select("id", "vector", *PLACE)
        met = others.mapInArrow(Meet(sent, min_cosine=min_cosine), from_arrow_schema(MET))
        rows = met.groupBy("probe").agg(F.sum("pairs").alias("pairs"), F.sum("together").alias("together")).collect()
        done = {"probes": len(probes.ids), "others": min(count, OTHERS), "min_cosine": min_cosine}
        done |= {"pairs": sum(row["pairs"] for row in rows), "together": sum(row["together"] for row in rows)}
        done |= {"met": len(rows), "found": sum(row["together"] > 0 for row in rows)}
        work.root.write_json(place, done)
    return done


def told(found: dict[str, Any]) -> str:
    """Say in a line what was found.

    >>> told({"probes": 500, "others": 9000, "min_cosine": 0.9, "pairs": 40, "together": 38, "met": 20, "found": 19})
    'of 40 pairs at or above 0.9 of 500 documents with 9,000, 95.0% lie in one cluster; 19 of 20 documents with such a pair meet one'
    >>> told({"probes": 500, "others": 9000, "min_cosine": 0.9, "pairs": 0, "together": 0, "met": 0, "found": 0})
    'no pair at or above 0.9 of 500 documents with 9,000: nothing can be said of the pairs that clusters part'
    """
    what = f"at or above {found['min_cosine']:.4g} of {found['probes']:,} documents with {found['others']:,}"
    if not found["pairs"]:
        return f"no pair {what}: nothing can be said of the pairs that clusters part"
    share = found["together"] / found["pairs"]
    return (
        f"of {found['pairs']:,} pairs {what}, {share:.1%} lie in one cluster; "
        f"{found['found']:,} of {found['met']:,} documents with such a pair meet one"
    )
