"""What makes documents meet: groups of one URL, text or payload, and LSH buckets, of two members and more."""

from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.dedup.settings import Dedup
from jobs.engine.root import Root
from jobs.engine.small_table import small_table

MOST_CAPTURES = 1_000  # of one URL that are compared; of those behind them in survivor order the URL says nothing
SAME = "kind string, group bigint, nr bigint"


def write_keys(root: Root, work: str, *, pool: DataFrame, settings: Dedup) -> None:
    """Write exact groups and LSH buckets with more than one member, and the contested documents, those that are in any.

    - same: kind (url, text, digest), group (the number of its best member), nr. Grouped by the whole string, never by a hash of it.
    - buckets: key, class, n (its shingles), small (see `giants`). A class is the documents of one text, named by the best of
      them; a text copied a million times has one row in a bucket.
    - contested: nr, url, text, digest (the groups; a document alone with its text is its own class), n.
    """
    kinds = {"url": settings.exact_url == "best", "text": settings.exact_text, "digest": settings.exact_digest}
    columns = {"url": "url_key", "text": "text_hash", "digest": "digest"}
    most = {"url": MOST_CAPTURES} if settings.asks_texts_of_captures else {}
    groups = [_groups(pool, kind, columns[kind], most=most.get(kind)) for kind, wanted in kinds.items() if wanted]
    empty = small_table(root.spark, [], SAME)
    same = root.save(reduce(DataFrame.unionByName, groups, empty), f"{work}/same")
    copies = same.where("kind = 'text' AND nr != group").select("nr")
    members = pool.select("nr", "bands", F.col("shingle_count").alias("n")).join(copies, on="nr", how="left_anti")
    rows = members.select(F.explode("bands").alias("key"), F.col("nr").alias("class"), "n", F.lit(True).alias("small"))
    buckets = root.save(_shared(rows, "key", "class"), f"{work}/buckets")
    meetings = same.selectExpr("nr", "kind", "group", "cast(NULL AS bigint) AS n").unionByName(
        buckets.selectExpr("class AS nr", "'lsh' AS kind", "cast(NULL AS bigint) AS group", "n")
    )
    contested = meetings.groupBy("nr").agg(
        _group("url"), F.coalesce(_group("text"), F.col("nr")).alias("text"), _group("digest"), F.max("n").alias("n")
    )
    count = root.save(contested, f"{work}/contested").count()
    root.write_json(f"{work}/keys.json", {"contested": count})


def _groups(pool: DataFrame, kind: str, column: str, *, most: int | None) -> DataFrame:
    """Return kind, group, nr of the documents that share a value of the column with another; if asked, the best so many alone."""
    rows = pool.where(F.col(column).isNotNull()).select("nr", column)
    within = Window.partitionBy(column).orderBy("nr")
    rows = rows.withColumn("group", F.first("nr").over(within))
    if most is not None:
        rows = rows.withColumn("place", F.row_number().over(within)).where(F.col("place") <= most).drop("place")
    shared = _shared(rows, column, "nr")
    return shared.select(F.lit(kind).alias("kind"), "group", "nr")


def _shared(rows: DataFrame, key: str, number: str) -> DataFrame:
    """Leave out rows that are alone with their key, in one sorted pass that holds no group in memory."""
    within = Window.partitionBy(key).orderBy(number)
    before, after = F.lag(number).over(within), F.lead(number).over(within)
    marked = rows.withColumn("is_shared", before.isNotNull() | after.isNotNull())
    return marked.where("is_shared").drop("is_shared")


def _group(kind: str) -> Column:
    return F.max(F.when(F.col("kind") == kind, F.col("group"))).alias(kind)
