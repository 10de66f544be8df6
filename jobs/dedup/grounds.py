"""Grounds of a round: which undecided documents duplicate a kept one, of what was compared so far."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedup import captures as same_url
from jobs.dedup.compare import Work, similarity


def still_between(known: DataFrame, contested: DataFrame) -> DataFrame:
    """Return the compared pairs between classes that both have undecided documents, with the heads of both."""
    heads = contested.groupBy("text").agg(F.min("nr").alias("head"))
    known = known.where("common IS NOT NULL")  # of a text that could not be shingled nothing is known; its documents fail
    return known.join(heads.selectExpr("text AS a", "head AS head_a"), on="a", how="inner").join(
        heads.selectExpr("text AS b", "head AS head_b"), on="b", how="inner"
    )


def edges_of(work: Work, between: DataFrame) -> DataFrame:
    """Return worse, better, similarity of the classes that measure at or above the threshold."""
    turned = between.selectExpr(
        "if(head_a < head_b, b, a) AS worse",
        "if(head_a < head_b, a, b) AS better",
        "if(head_a < head_b, n_b, n_a) AS n_worse",
        "if(head_a < head_b, n_a, n_b) AS n_better",
        "common",
    )
    measured = turned.withColumn("similarity", similarity(work.near.measure))
    return measured.where(F.col("similarity") >= work.near.min_similarity).select("worse", "better", "similarity")


def grounds_of(contested: DataFrame, *, kept: DataFrame, edges: DataFrame, captures: DataFrame | None) -> DataFrame:
    """Find for each undecided document the newly kept one that it duplicates: by URL, else text, else payload, else similarity.

    A document shares the near-duplicates of its text without being compared. Of several witnesses the best is named.
    """
    ground = F.struct("place", "witness", "similarity", "reason").alias("ground")
    found = [
        contested.select("nr", kind)
        .join(kept.select(kind, F.col("nr").alias("witness")), on=kind, how="inner")
        .selectExpr("nr", "witness", f"{place} AS place", "1.0D AS similarity", f"'exact_{kind}' AS reason")
        for place, kind in enumerate(("url", "text", "digest"))
    ]
    near = edges.join(kept.selectExpr("text AS better", "nr AS witness"), on="better", how="inner").join(
        contested.selectExpr("nr", "text AS worse"), on="worse", how="inner"
    )
    found.append(near.selectExpr("nr", "witness", "3 AS place", "similarity", "'near_duplicate' AS reason"))
    if captures is not None:
        alike = same_url.grounds(contested, kept=kept, edges=captures)
        found[0] = alike.selectExpr("nr", "witness", "0 AS place", "similarity", "'exact_url' AS reason")
    every = found[0].unionByName(found[1]).unionByName(found[2]).unionByName(found[3])
    best = every.where("nr != witness AND nr >= 0").groupBy("nr").agg(F.min(ground).alias("ground"))
    return best.selectExpr(
        "nr", "'dropped' AS outcome", "ground.reason AS reason", "ground.witness AS witness", "ground.similarity AS similarity"
    )
