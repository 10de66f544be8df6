"""Spherical k-means by numpy: centroids are unit vectors, and a vector belongs to the one with the largest cosine.

All sums are of whole numbers (`grid`), so the result is the same with any number of threads, any size of block and any BLAS.
Lloyd's algorithm as Dhillon and Modha have it (Concept decompositions, 2001). Memory is the vectors as int16, and one block of products.
100,000 vectors of width 384 and 1,000 clusters take 1.2 CPU seconds an iteration.
"""

import math

import numpy as np
import numpy.typing as npt

from udfs.vectors.grid import LENGTH, Grid, cosines, on_grid, products, squared_lengths

Vectors = npt.NDArray[np.float32]
Clusters = npt.NDArray[np.int32]
BLOCK = 4 << 20  # products at once: 16 MB


def fit(vectors: Vectors, *, clusters: int, iterations: int, seed: int) -> Vectors:
    """Return centroids, shape (clusters, width), each of length 1; fewer if there are fewer different vectors that are not zero.

    1. The first centroids are different vectors, chosen by a hash of the seed and their place.
    2. Each vector goes to the centroid with the largest cosine, the first of equals.
    3. A centroid becomes the direction of the sum of its vectors. One without vectors becomes another vector, chosen by hash.
    4. Steps 2 and 3 repeat, `iterations` times or until no vector moves.

    The order of the rows matters, so give them in one, such as that of their ids.
    """
    return fit_grid(on_grid(vectors), clusters=clusters, iterations=iterations, seed=seed)


def assign(vectors: Vectors, centroids: Vectors) -> tuple[Clusters, npt.NDArray[np.float32]]:
    """Return the number of each vector's nearest centroid, and the cosine to it; a zero vector goes to the first with cosine 0."""
    found, cosine = assign_grid(on_grid(vectors), on_grid(centroids))
    return found, cosine.astype(np.float32)


def fit_grid(vectors: Grid, *, clusters: int, iterations: int, seed: int) -> Vectors:
    """Do what `fit` does, of vectors on the grid."""
    if clusters < 1 or iterations < 1:
        raise ValueError("k-means needs at least one cluster and one iteration")
    different = _different(vectors)
    count = min(clusters, len(different))
    if count == 0:
        return np.zeros((0, vectors.shape[1]), dtype=np.float32)
    centroids = _unit(vectors[_drawn(different, count, seed=seed, turn=0)].astype(np.float64))
    before: Clusters | None = None
    for turn in range(1, iterations + 1):
        found, _ = assign_grid(vectors, on_grid(centroids))
        if before is not None and np.array_equal(found, before):
            break
        sums = _sums(vectors, found, count)
        empty = np.flatnonzero(~sums.any(axis=1))
        if len(empty):
            sums[empty] = vectors[_drawn(different, len(empty), seed=seed, turn=turn)]
        centroids, before = _unit(sums), found
    return centroids


def assign_grid(vectors: Grid, centroids: Grid) -> tuple[Clusters, npt.NDArray[np.float64]]:
    """Do what `assign` does, of vectors and centroids on the grid.

    Products are divided by the centroids' lengths, which differ by some 1e-4 on the grid: in a tight crowd that would decide.
    """
    found = np.zeros(len(vectors), dtype=np.int32)
    best = np.zeros(len(vectors), dtype=np.float32)
    right, lengths = centroids.astype(np.float32), squared_lengths(centroids)
    scale = (LENGTH / np.sqrt(np.where(lengths > 0, lengths, 1))).astype(np.float32)
    step = max(1, BLOCK // max(1, len(centroids)))
    for start in range(0, len(vectors), step):
        product = products(vectors[start : start + step].astype(np.float32), right)
        nearest = (product * scale).argmax(axis=1)
        found[start : start + step] = nearest
        best[start : start + step] = product[np.arange(len(product)), nearest]
    return found, cosines(best, squared_lengths(vectors), lengths[found])


def _sums(vectors: Grid, found: Clusters, count: int) -> npt.NDArray[np.float64]:
    """Return the sum of each cluster's vectors: whole numbers below 2^53, so exact."""
    sums = np.zeros((count, vectors.shape[1]), dtype=np.float64)
    step = max(1, BLOCK // vectors.shape[1])
    for start in range(0, len(vectors), step):
        mine = found[start : start + step]
        order = np.argsort(mine, kind="stable")
        numbers, firsts = np.unique(mine[order], return_index=True)
        sums[numbers] += np.add.reduceat(vectors[start : start + step][order].astype(np.float64), firsts, axis=0)
    return sums


def _unit(rows: npt.NDArray[np.float64]) -> Vectors:
    """Return rows scaled to length 1; fsum rounds once, so the length does not depend on the order of the sum."""
    lengths = np.array([math.sqrt(math.fsum(row)) for row in rows * rows])[:, None]
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _different(vectors: Grid) -> npt.NDArray[np.int64]:
    """Return the places of the first of each group of equal vectors that are not zero, in order."""
    if not len(vectors):
        return np.zeros(0, dtype=np.int64)
    whole = np.ascontiguousarray(vectors).view(np.dtype((np.void, vectors.shape[1] * vectors.itemsize))).reshape(-1)
    firsts = np.sort(np.unique(whole, return_index=True)[1])
    return np.asarray(firsts[vectors[firsts].any(axis=1)], dtype=np.int64)


def _drawn(places: npt.NDArray[np.int64], count: int, *, seed: int, turn: int) -> npt.NDArray[np.int64]:
    """Return the `count` places with the smallest hash of seed, turn and place (splitmix64's finaliser)."""
    state = places.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15 + turn * 0xD1B54A32D192ED03) % 2**64)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return places[np.argsort(state ^ (state >> np.uint64(31)), kind="stable")[:count]]
