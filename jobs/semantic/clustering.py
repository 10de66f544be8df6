"""K-means over many vectors: fitted in the driver to a sample, assigned in workers, and clusters that are too large divided.

What reaches the driver: about [semantic] sample vectors as they are stored, centroids, and a count for each cluster.
"""

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructField, StructType

from jobs.engine.small_table import small_table
from jobs.semantic.work import Work
from udfs.vectors.assigned_batches import CLUSTER, COSINE, PART, Assign, Divide, grid_of, read_centroids, stored_centroids
from udfs.vectors.kmeans import Vectors, fit_grid

ROOM = 2  # parts of a divided cluster are planned for half of the bound, since k-means makes them of unlike sizes


def fitted(work: Work, rows: DataFrame, *, name: str) -> Vectors:
    """Fit centroids to a sample of the rows and write them, unless that is done; return them."""

    def centroids() -> DataFrame:
        count = rows.count()
        clusters = work.settings.clusters or max(1, round(math.sqrt(count)))
        sample = work.some(rows, of=count, about=work.settings.sample, purpose=name)
        return _table(work, [(-1, _fit(work, _collected(sample, "id"), clusters))])

    return _read(work, work.root.once(work.step(f"{name}-centroids"), centroids)).get(
        -1, np.zeros((0, work.width), dtype=np.float32)
    )


def assigned(work: Work, rows: DataFrame, *, name: str, centroids: Vectors, first: int = 0) -> DataFrame:
    """Write the rows with cluster and to_centroid, their cosine to it, unless that is done. They have a vector each."""
    sent = work.root.spark.sparkContext.broadcast(centroids)
    schema = _with(rows, CLUSTER, COSINE)
    return work.root.once(work.step(name), lambda: rows.mapInArrow(Assign(sent, first=first), schema))


def divided(work: Work, rows: DataFrame, *, name: str) -> DataFrame:
    """Add part and slice to assigned rows, so that no place (cluster, part, slice) is much larger than max_cluster_size.

    1. A cluster above the bound gets a k-means of its own, fitted to a sample of it.
    2. A part that is still above it is cut by a hash of the ids. Pairs across the cut are not compared: `recall` counts them.
    """
    bound = work.settings.max_cluster_size
    sizes = sizes_of(rows)
    large = {cluster: size for cluster, size in sizes.items() if size > bound}
    whole = rows.withColumns({"part": F.lit(0), "slice": F.lit(0)})
    if not large:
        return whole
    crowd = rows.where(F.col("cluster").isin(list(large)))

    def centroids() -> DataFrame:
        sample = work.some(crowd, of=sum(large.values()), about=work.settings.sample, purpose=f"{name}-parts")
        found = _collected(sample, "cluster", "id")
        numbers = found.column("cluster").to_numpy()
        fits = []
        for cluster, size in sorted(large.items()):
            mine = found.take(pa.array(np.flatnonzero(numbers == cluster)))
            fits.append((cluster, _fit(work, mine, math.ceil(ROOM * size / bound))))
        return _table(work, fits)

    fits = _read(work, work.root.once(work.step(f"{name}-part-centroids"), centroids))
    sent = work.root.spark.sparkContext.broadcast(fits)
    parts = work.root.once(work.step(f"{name}-parts"), lambda: crowd.mapInArrow(Divide(sent), _with(crowd, PART)))
    counted = parts.groupBy("cluster", "part").count().where(F.col("count") > bound)
    cut = F.broadcast(counted.select("cluster", "part", F.ceil(F.col("count") / bound * ROOM).cast("int").alias("slices")))
    number = F.floor(work.draw("slice") * F.coalesce("slices", F.lit(1))).cast("int")
    sliced = parts.join(cut, on=["cluster", "part"], how="left").withColumn("slice", number).drop("slices")
    return whole.where(~F.col("cluster").isin(list(large))).unionByName(sliced)


def sizes_of(rows: DataFrame) -> dict[int, int]:
    """Count the rows of each cluster."""
    return {int(row["cluster"]): int(row["count"]) for row in rows.groupBy("cluster").count().collect()}


def _collected(rows: DataFrame, *order: str) -> pa.Table:
    """Bring some rows to the driver, in an order that does not depend on how the work is cut."""
    return rows.select("vector", *order).toArrow().sort_by([(name, "ascending") for name in order])


def _fit(work: Work, rows: pa.Table, clusters: int) -> Vectors:
    vectors = grid_of(rows.column("vector")) if rows.num_rows else np.zeros((0, work.width), dtype=np.int16)
    return fit_grid(vectors, clusters=clusters, iterations=work.settings.iterations, seed=work.settings.seed)


def _table(work: Work, fits: Sequence[tuple[int, Vectors]]) -> DataFrame:
    rows = [(cluster, number, one) for cluster, centroids in fits for number, one in enumerate(stored_centroids(centroids))]
    return small_table(work.root.spark, rows, "of int, number int, centroid binary").coalesce(1)


def _read(work: Work, table: DataFrame) -> dict[int, Vectors]:
    rows = table.orderBy("of", "number").toArrow()
    numbers = rows.column("of").to_pylist()
    stored = rows.column("centroid").to_pylist()
    return {
        of: read_centroids([one for one, number in zip(stored, numbers, strict=True) if number == of], width=work.width)
        for of in dict.fromkeys(numbers)
    }


def _with(rows: DataFrame, *fields: pa.Field) -> StructType:
    more: list[StructField] = from_arrow_schema(pa.schema(fields)).fields
    return StructType([*rows.schema.fields, *more])
