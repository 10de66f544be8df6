"""Makes the map of sampled documents: vectors, places in the plane, clusters and their names."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.explorer.data import Points
from udfs.vectors import kmeans
from udfs.vectors.half import Vectors
from udfs.vectors.hashed_words import hashed_words
from udfs.vectors.layout import Plane, layout
from udfs.vectors.telling_words import telling_words

FEWEST_CLUSTERS, MOST_CLUSTERS = 3, 120
ITERATIONS = 20
WORDS = 3  # that name a cluster
BLOCK = 2_048
PARTS = 32_767  # of the map's side
_EVEN = 0.5  # how far places move to be spread evenly
_OUTSIDE = 0.1  # per cent of documents at each edge that are drawn at the border


@dataclass(frozen=True)
class Map:
    """A place for each document, int16 (n, 2) from -PARTS to PARTS; the cluster of each; and the name of each cluster.

    `origin` says what the places rest on: "embedding" or "words".
    """

    places: npt.NDArray[np.int16]
    cluster: npt.NDArray[np.int64]
    names: tuple[str, ...]
    origin: str
    without: int = 0  # documents that have no embedding, and lie beside the one whose words are most alike


def made(points: Points, *, seed: int) -> Map:
    """Lay the documents out by their embeddings, or by their words where nothing was embedded; the same for the same points and seed."""
    texts = [text or title or _path(url) for text, title, url in zip(points.texts, points.titles, points.urls, strict=True)]
    vectors, without = _vectors(points, texts)
    plane = layout(vectors, seed=seed)
    wanted = min(max(round(math.sqrt(len(points) / 2)), FEWEST_CLUSTERS), MOST_CLUSTERS)
    centroids = kmeans.fit(vectors, clusters=wanted, iterations=ITERATIONS, seed=seed) if len(points) else vectors
    cluster = np.zeros(len(points), dtype=np.int64)
    if len(centroids):
        cluster = kmeans.assign(vectors, centroids)[0].astype(np.int64)
    named = telling_words(zip(cluster.tolist(), texts, strict=True), top=WORDS)
    # the largest first, so that a cluster's number says how large it is
    sizes = np.bincount(cluster, minlength=max(1, len(centroids)))
    order = np.argsort(-sizes, kind="stable")[: int((sizes > 0).sum())]
    rank = np.zeros(len(sizes), dtype=np.int64)
    rank[order] = np.arange(len(order))
    names = tuple(", ".join(named.get(int(number), ())) for number in order)
    return Map(quantised(plane), rank[cluster], names, "words" if points.embedding is None else "embedding", without)


def _path(url: str) -> str:
    """Return the words of an address after the host's name: all there is to place a page by that has no text and no title."""
    return " ".join(url.partition("://")[2].split("/")[1:])


def _vectors(points: Points, texts: list[str]) -> tuple[Vectors, int]:
    if points.embedding is None:
        return hashed_words(texts), 0
    there = points.embedding.any(axis=1)
    if there.all():
        return points.embedding, 0
    vectors, words = points.embedding.copy(), hashed_words(texts)
    known, missing = np.flatnonzero(there), np.flatnonzero(~there)
    right = words[known].T
    for start in range(0, len(missing), BLOCK):
        block = missing[start : start + BLOCK]
        vectors[block] = points.embedding[known[(words[block] @ right).argmax(axis=1)]]
    return vectors, len(missing)


def quantised(plane: Plane) -> npt.NDArray[np.int16]:
    """Return places as whole parts of the map's side, in one scale for both axes, with stray documents at the border."""
    if not len(plane):
        return np.zeros((0, 2), dtype=np.int16)
    plane = _closer(plane)
    low, high = np.percentile(plane, [_OUTSIDE, 100 - _OUTSIDE], axis=0)
    side = float((high - low).max()) or 1.0
    scaled = (plane - (low + high) / 2) * (2 * PARTS / side)
    half = (high - low) / side * PARTS
    return np.asarray(np.clip(np.round(scaled), -half, half), dtype=np.int16)


def _closer(plane: Plane) -> Plane:
    """Halve the empty space between groups: each coordinate becomes the mean of itself and of its rank, in the same range.

    The order along each axis stays, so what lies together still does.
    """
    low, high = np.percentile(plane, [_OUTSIDE, 100 - _OUTSIDE], axis=0)
    ranks = np.argsort(np.argsort(plane, axis=0, kind="stable"), axis=0, kind="stable") / max(1, len(plane) - 1)
    return np.asarray((1 - _EVEN) * plane + _EVEN * (low + ranks * (high - low)), dtype=np.float32)
