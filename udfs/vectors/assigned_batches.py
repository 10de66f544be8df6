"""Assign the vectors of Arrow batches to centroids: what the semantic stage runs in Python workers before it compares anything."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from udfs.vectors.grid import Grid, on_grid
from udfs.vectors.half import STORED
from udfs.vectors.kmeans import Vectors, assign_grid

CLUSTER, COSINE, PART = pa.field("cluster", pa.int32()), pa.field("to_centroid", pa.float64()), pa.field("part", pa.int32())


class Sent(Protocol):
    """What the driver sent to all workers: a broadcast variable."""

    @property
    def value(self) -> Any: ...


def grid_of(stored: pa.Array | pa.ChunkedArray) -> Grid:
    """Return stored vectors, none of them null and all of one width, on the grid."""
    rows = np.frombuffer(b"".join(stored.to_pylist()), dtype=STORED)
    return on_grid(rows.reshape(len(stored), -1) if len(stored) else np.zeros((0, 1)))


def only_usable(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Set `vector` to null where it has no direction: all zeros, or a number that is not finite."""
    for batch in batches:
        usable = [one if one is not None and _has_direction(one) else None for one in batch.column("vector").to_pylist()]
        place = batch.schema.get_field_index("vector")
        yield batch.set_column(place, batch.schema.field(place), pa.array(usable, pa.binary()))


def _has_direction(stored: bytes) -> bool:
    if len(stored) % STORED.itemsize:
        return False
    row = np.frombuffer(stored, dtype=STORED)
    return bool(row.any() and np.isfinite(row).all())


class Assign:
    """Add `cluster` and `to_centroid`, the cosine to it, to rows with a `vector`; a class, so that Spark pickles it by reference.

    What is sent are centroids, shape (clusters, width). Clusters are numbered from `first` on.
    """

    def __init__(self, centroids: Sent, *, first: int = 0) -> None:
        self.centroids, self.first = centroids, first

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn batches into the same with two columns more."""
        centroids = on_grid(self.centroids.value)
        for batch in batches:
            if batch.num_rows:
                cluster, cosine = assign_grid(grid_of(batch.column("vector")), centroids)
                yield batch.append_column(CLUSTER, pa.array(cluster + np.int32(self.first))).append_column(
                    COSINE, pa.array(cosine)
                )


class Divide:
    """Add `part` to rows of clusters that are too large: the nearest of the centroids that were fitted to the cluster itself.

    What is sent are the centroids by cluster. A cluster without any has one part.
    """

    def __init__(self, centroids: Sent) -> None:
        self.centroids = centroids

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn batches into the same with a column more."""
        centroids: Mapping[int, Vectors] = self.centroids.value
        for batch in batches:
            clusters = batch.column("cluster").to_numpy(zero_copy_only=False)
            parts = np.zeros(batch.num_rows, dtype=np.int32)
            for cluster in np.unique(clusters).tolist():
                if len(centroids.get(cluster, ())):
                    mine = np.flatnonzero(clusters == cluster)
                    parts[mine] = assign_grid(
                        grid_of(batch.column("vector").take(pa.array(mine))), on_grid(centroids[cluster])
                    )[0]
            yield batch.append_column(PART, pa.array(parts))


def in_order(group: pa.Table) -> pa.Table:
    """Sort a cluster's rows in the order in which they are to be kept: by key, nulls last, then by hash, then by id."""
    return group.take(pc.sort_indices(group, sort_keys=[(name, "ascending") for name in ("key", "tie", "id")]))


def stored_centroids(centroids: Vectors) -> list[bytes]:
    """Return centroids as little-endian float32, one value each."""
    return [row.astype("<f4").tobytes() for row in centroids]


def read_centroids(stored: Iterable[bytes], *, width: int) -> Vectors:
    """Return what stored_centroids has made, shape (clusters, width)."""
    found: npt.NDArray[np.float32] = np.frombuffer(b"".join(stored), dtype="<f4").reshape(-1, width)
    return found
