"""The clusters as a table: how many documents each has, how many were kept, and the words that tell it from the others."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.job import Job
from jobs.engine.small_table import small_table
from jobs.semantic.settings import Semantic
from jobs.semantic.tables import CLUSTERS, DECISIONS
from jobs.semantic.work import Work
from udfs.vectors.assigned_batches import stored_centroids
from udfs.vectors.kmeans import Vectors
from udfs.vectors.telling_words import CHARACTERS, telling_words

EACH, MOST = 20, 40_000  # texts of a cluster that are read for its label, and texts in all; more clusters get fewer each


def write_clusters(job: Job[Semantic], work: Work, clusterings: list[tuple[Vectors, DataFrame]]) -> None:
    """Write CLUSTERS. A clustering is its centroids, and id, cluster and to_centroid of its documents; numbers go on from one to the next.

    The driver reads the beginnings of at most MOST texts, some 80 MB, and a row for each cluster.
    """
    tables = []
    first = 0
    kept = job.root.read(DECISIONS).where("outcome = 'kept'").select("id", F.lit(1).alias("kept"))
    for number, (centroids, rows) in enumerate(clusterings, start=1):
        words = telling_words(_texts(job, work, rows, clusters=len(centroids)))
        counted = rows.join(kept, on="id", how="left").groupBy("cluster")
        sums = counted.agg(F.count("*").alias("documents"), F.count("kept").alias("kept"), F.avg("to_centroid").alias("cosine"))
        found = {int(row["cluster"]): row for row in sums.collect()}
        for place, stored in enumerate(stored_centroids(centroids)):
            cluster = first + place
            row = found.get(cluster)
            tables.append(
                {
                    "cluster": cluster,
                    "clustering": number,
                    "label": ", ".join(words.get(cluster, ())) or None,
                    "documents": row["documents"] if row is not None else 0,
                    "kept": row["kept"] if row is not None else 0,
                    "mean_distance": round(1 - row["cosine"], 6) if row is not None else None,
                    "centroid": stored,
                }
            )
        first += len(centroids)
    made = [tuple(one[name] for name in CLUSTERS.schema.names) for one in tables]
    job.root.write(small_table(job.root.spark, made, from_arrow_schema(CLUSTERS.schema)).coalesce(1), CLUSTERS)


def _texts(job: Job[Semantic], work: Work, rows: DataFrame, *, clusters: int) -> list[tuple[int, str]]:
    """Read the beginnings of some texts of each cluster, in the order of their ids; the documents are chosen by a hash."""
    each = max(1, min(EACH, MOST // max(1, clusters)))
    place = F.row_number().over(Window.partitionBy("cluster").orderBy(work.draw("label"), "id"))
    chosen = rows.select("id", "cluster", place.alias("place")).where(F.col("place") <= each).select("id", "cluster")
    texts = job.documents().select("id", F.substring("text", 1, CHARACTERS).alias("text"))
    found = texts.join(F.broadcast(chosen), on="id", how="inner").select("id", "cluster", "text").toArrow().sort_by("id")
    return list(zip(found.column("cluster").to_pylist(), found.column("text").to_pylist(), strict=True))
