"""Teaches the fast embedder a transformer's vectors: ridge regression by conjugate gradients on scipy's sparse matrices.

The same texts make the same model. A net of two layers, trained by Adam on the similarities of pairs as Luxical is, was tried and was worse:
some thousand texts are too few for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from udfs.vectors.fast_model import Array
from udfs.vectors.sparse_features import SIZE, Features

MIN_TEXTS = 2  # that have a feature: what one text has alone teaches nothing about others
PENALTY = 0.1  # of the squared weights; texts have length 1
ENOUGH = 1e-2  # of the residual's first length
_TOLD = 10  # steps between two lines of progress


@dataclass(frozen=True)
class Learned:
    """Hold what is learned, in the shapes of a FastModel; the table is not yet rounded."""

    idf: Array
    table: Array
    weights: Array
    bias: Array


def distilled(rows: Sequence[Features], taught: Array, *, hidden: int, steps: int, say: Callable[[str], None]) -> Learned:
    """Learn from the features of texts and their teacher's unit vectors, (texts, width).

    1. The vectors are turned so that their first `hidden` directions hold most of what differs among them.
    2. Each direction is regressed on the features, all at once, in the space of texts: there are fewer texts than features.
    Memory: 12 bytes for each feature of a text, some 5 kB a text, and 4 bytes × hidden for each feature that two texts have.
    """
    matrix, idf, columns = _matrix(rows)
    bias = taught.mean(axis=0)
    turn = _directions(taught - bias, hidden)
    wanted = (taught - bias) @ turn
    found = np.asarray(matrix.T @ _solved(matrix, wanted, steps, say), dtype=np.float32)
    table = np.zeros((SIZE, turn.shape[1]), dtype=np.float32)
    table[columns] = found
    return Learned(idf, table, np.ascontiguousarray(turn.T), bias)


def _matrix(rows: Sequence[Features]) -> tuple[csr_matrix, Array, npt.NDArray[np.int64]]:
    """Return texts of length 1 by features that two texts have, the rarity of each feature, and which features the columns are."""
    places = np.concatenate([one for one, _ in rows])
    values = np.concatenate([one for _, one in rows])
    ends = np.cumsum([0, *(len(one) for one, _ in rows)])
    seen = np.bincount(places, minlength=SIZE)
    idf = np.where(seen >= MIN_TEXTS, np.log((1 + len(rows)) / (1 + seen)) + 1, 0).astype(np.float32)
    values = values * idf[places]
    texts = np.repeat(np.arange(len(rows)), np.diff(ends))
    lengths = np.sqrt(np.bincount(texts, values * values, len(rows)))
    values = values / np.where(lengths > 0, lengths, 1)[texts]
    columns = np.flatnonzero(idf)
    numbers = np.zeros(SIZE, dtype=np.int64)
    numbers[columns] = np.arange(len(columns))
    matrix = csr_matrix((values.astype(np.float32), numbers[places], ends), shape=(len(rows), len(columns)))
    matrix.eliminate_zeros()
    return matrix, idf, columns


def _directions(centred: Array, hidden: int) -> Array:
    """Return the directions, (width, hidden), in which the vectors differ most; a direction's largest number is positive."""
    _, turn = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    turn = turn[:, ::-1][:, :hidden]
    signs = np.sign(turn[np.abs(turn).argmax(axis=0), np.arange(turn.shape[1])])
    return np.asarray(turn * signs, dtype=np.float32)


def _solved(matrix: csr_matrix, wanted: Array, steps: int, say: Callable[[str], None]) -> Array:
    """Solve (X X' + PENALTY) A = Y for all columns of Y at once, each with its own steps; X' A are the weights."""
    turned = matrix.T.tocsr()
    weights, residual = np.zeros_like(wanted), wanted.copy()
    direction, left = residual.copy(), np.sum(residual * residual, axis=0)
    first = left.copy()
    for step in range(steps):
        if np.all(left <= ENOUGH**2 * first):
            break
        along = np.asarray(matrix @ np.asarray(turned @ direction)) + np.float32(PENALTY) * direction
        stride = left / np.maximum(np.sum(direction * along, axis=0), np.finfo(np.float32).tiny)
        weights += stride * direction
        residual -= stride * along
        left, before = np.sum(residual * residual, axis=0), left
        direction = residual + left / np.maximum(before, np.finfo(np.float32).tiny) * direction
        if (step + 1) % _TOLD == 0:
            say(f"step {step + 1}: the residual is {np.sqrt(left.sum() / max(float(first.sum()), 1e-30)):.3f} of its first")
    return weights
