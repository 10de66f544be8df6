"""Nearest neighbours of vectors: exact for few, and within the nearest cells of a k-means for many."""

import math

import numpy as np
import numpy.typing as npt

from udfs.vectors import kmeans

Vectors = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
Squares = npt.NDArray[np.float32]
EXACT = 4_000  # vectors up to which every pair is compared
CELLS_LOOKED_AT = 6
FITTED_ON = 20_000


def nearest(vectors: Vectors, count: int, *, seed: int) -> tuple[Places, Squares]:
    """Return the places of each unit vector's nearest others, nearest first, and their squared distances: both (n, count).

    Above EXACT vectors only those in the CELLS_LOOKED_AT cells around a vector's own are compared: some sqrt(n) cells by k-means.
    `count` must be smaller than the number of vectors.
    """
    if len(vectors) <= EXACT:
        everyone = np.arange(len(vectors))
        return _within(vectors, everyone, everyone, count)
    step = max(1, len(vectors) // FITTED_ON)
    centroids = kmeans.fit(vectors[::step], clusters=int(math.sqrt(len(vectors))), iterations=8, seed=seed)
    cell, _ = kmeans.assign(vectors, centroids)
    members = [np.flatnonzero(cell == number) for number in range(len(centroids))]
    places = np.zeros((len(vectors), count), dtype=np.int64)
    squares = np.zeros((len(vectors), count), dtype=np.float32)
    for number, mine in enumerate(members):
        if len(mine):
            others = _around(centroids, number, members, least=count + 1)
            places[mine], squares[mine] = _within(vectors, mine, others, count)
    return places, squares


def _around(centroids: Vectors, number: int, members: list[Places], *, least: int) -> Places:
    """Return the vectors of the cells nearest to a cell, itself first: of CELLS_LOOKED_AT, or as many as hold `least`."""
    order = np.argsort(-(centroids @ centroids[number]), kind="stable")
    held = np.cumsum([len(members[other]) for other in order])
    cells = max(CELLS_LOOKED_AT, int(np.searchsorted(held, least)) + 1)
    return np.sort(np.concatenate([members[other] for other in order[:cells]]))


def _within(vectors: Vectors, mine: Places, others: Places, count: int) -> tuple[Places, Squares]:
    """Find the nearest of some vectors among others, in blocks of 16 million distances."""
    right = vectors[others]
    lengths = (right * right).sum(axis=1)
    places = np.zeros((len(mine), count), dtype=np.int64)
    squares = np.zeros((len(mine), count), dtype=np.float32)
    step = max(1, (1 << 24) // len(others))
    for start in range(0, len(mine), step):
        block = mine[start : start + step]
        left = vectors[block]
        distances = lengths[None, :] - 2 * (left @ right.T) + (left * left).sum(axis=1)[:, None]
        distances[np.arange(len(block)), np.searchsorted(others, block)] = np.inf
        few = np.sort(np.argpartition(distances, count - 1, axis=1)[:, :count], axis=1)  # by place, so that ties are stable
        order = np.argsort(np.take_along_axis(distances, few, axis=1), axis=1, kind="stable")
        few = np.take_along_axis(few, order, axis=1)
        places[start : start + step] = others[few]
        squares[start : start + step] = np.maximum(np.take_along_axis(distances, few, axis=1), 0)
    return places, squares
