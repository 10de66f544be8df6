"""Of captures of one URL the newest stays: older ones go before anything else is compared, if their texts are alike."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.dedup.compare import Work, alike, compare

FOLDER = "newest"  # below the order's: what was compared for it
DECIDED = ("nr", "'dropped' AS outcome", "'exact_url' AS reason", "witness", "similarity")


def write_superseded(pool: DataFrame, work: Work) -> DataFrame:
    """Write the captures that give way to the newest of their URL, as decisions, and return the pool without them.

    What is published already counts as newest. A capture is compared with the newest one alone, so the work grows with captures.
    """
    newest = Window.partitionBy("url_key").orderBy((F.col("nr") >= 0).asc(), F.col("date").desc_nulls_last(), "nr")
    rows = pool.where("url_key IS NOT NULL").select("nr", "url_key", "date", "text_hash")
    rows = rows.withColumn("witness", F.first("nr").over(newest)).withColumn("theirs", F.first("text_hash").over(newest))
    older = rows.where("nr != witness AND nr >= 0")
    if work.min_url_similarity == 0:
        found = older.withColumn("similarity", F.lit(1.0))
    else:
        older = work.root.save(older.select("nr", "witness", "text_hash", "theirs"), f"{work.folder}/{FOLDER}/older")
        found = _alike(older, work)
    written = work.root.save(found.selectExpr(*DECIDED), f"{work.folder}/superseded")
    return pool.join(written.select("nr"), on="nr", how="left_anti")


def _alike(older: DataFrame, work: Work) -> DataFrame:
    """Return nr, witness, similarity of the captures whose text is like that of the newest one."""
    same = F.coalesce(F.col("text_hash") == F.col("theirs"), F.lit(False))
    pairs = older.where(~same).select(
        F.least("nr", "witness").alias("a"), F.greatest("nr", "witness").alias("b"), F.lit(False).alias("lsh")
    )
    found = alike(compare(pairs, work, folder=f"{work.folder}/{FOLDER}"), min_similarity=work.min_url_similarity)
    turned = [
        found.selectExpr(f"{nr} AS nr", f"{witness} AS witness", "similarity") for nr, witness in (("a", "b"), ("b", "a"))
    ]
    unlike_hashes = older.join(turned[0].unionByName(turned[1]), on=["nr", "witness"], how="inner")
    copies = older.where(same).withColumn("similarity", F.lit(1.0))
    return copies.unionByName(unlike_hashes).select("nr", "witness", "similarity")
