"""Captures of one URL are duplicates if their texts are alike: the best of each URL are compared with those behind them."""

from dataclasses import dataclass

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.dedup import compare
from jobs.dedup.compare import Work

PAIRS = "url bigint, a bigint, b bigint"


@dataclass(frozen=True)
class Captures:
    """Hold the undecided texts of each URL (url, text, head, position, members), and how many of the best are compared in this round."""

    standing: DataFrame
    leaders: int
    largest: int


def standing(contested: DataFrame) -> DataFrame:
    """Return url, text, head (its best undecided document), position (1 is best) and members for URLs with more than one text."""
    heads = contested.where("url IS NOT NULL").groupBy("url", "text").agg(F.min("nr").alias("head"))
    url = Window.partitionBy("url")
    placed = heads.withColumn("position", F.row_number().over(url.orderBy("head"))).withColumn(
        "members", F.count("*").over(url)
    )
    return placed.where("members > 1")


def pairs(captures: Captures, work: Work) -> DataFrame:
    """Pair the leaders of each URL with all texts behind them: url, a, b; what met under the same URL before is left out."""
    better = captures.standing.where(F.col("position") <= captures.leaders)
    first = better.selectExpr("url", "text AS text_better", "head AS head_better", "position AS place")
    met = first.join(captures.standing, on="url", how="inner").where("place < position AND (head_better >= 0 OR head >= 0)")
    texts = met.select("url", F.least("text_better", "text").alias("a"), F.greatest("text_better", "text").alias("b"))
    return texts.join(work.earlier("captures", PAIRS), on=["url", "a", "b"], how="left_anti")


def alike(met: DataFrame, between: DataFrame, work: Work) -> DataFrame:
    """Return url, text, other, similarity, both ways, of texts that met under a URL and measure at or above the threshold."""
    found = compare.alike(between, min_similarity=work.min_url_similarity)
    pairs = met.join(found.dropDuplicates(["a", "b"]), on=["a", "b"], how="inner")
    one, other = (pairs.selectExpr("url", f"{x} AS text", f"{y} AS other", "similarity") for x, y in (("a", "b"), ("b", "a")))
    return one.unionByName(other)


def behind(captures: Captures, contested: DataFrame) -> DataFrame:
    """Return nr of the documents that were not compared with all captures of their URL."""
    place = captures.standing.where((F.col("members") > captures.leaders + 1) & (F.col("position") > captures.leaders))
    return contested.join(place.select("url", "text"), on=["url", "text"], how="left_semi").select("nr")


def waiting(contested: DataFrame, edges: DataFrame) -> DataFrame:
    """Return nr of the documents that an undecided better capture of their URL would drop."""
    captures = contested.where("url IS NOT NULL").select("nr", "url", "text")
    heads = captures.groupBy("url", "text").agg(F.min("nr").alias("head"))
    others = edges.join(heads.withColumnRenamed("text", "other"), on=["url", "other"], how="inner").select(
        "url", "text", "head"
    )
    best = heads.select("url", "text", "head").unionByName(others).groupBy("url", "text").agg(F.min("head").alias("best"))
    return captures.join(best, on=["url", "text"], how="inner").where("best < nr").select("nr")


def grounds(contested: DataFrame, *, kept: DataFrame, edges: DataFrame) -> DataFrame:
    """Return nr, witness, similarity of each document and each newly kept capture of its URL that it is like."""
    better = kept.where("url IS NOT NULL").select("url", F.col("text").alias("other"), F.col("nr").alias("witness"))
    worse = contested.where("url IS NOT NULL").select("nr", "url", "text")
    same = worse.withColumn("other", F.col("text")).withColumn("similarity", F.lit(1.0))
    near = worse.join(edges, on=["url", "text"], how="inner").select(*same.columns)
    return same.unionByName(near).join(better, on=["url", "other"], how="inner").select("nr", "witness", "similarity")
