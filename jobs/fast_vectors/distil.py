"""Teaches the fast net a transformer's vectors, by numpy and scipy's sparse matrices; the same texts and seed make the same net.

Luxical (Datology AI) distils an embedding model into TF-IDF of n-grams and a small net by the similarities of pairs. So does this: the loss is
the distance of each vector from its teacher's, and the distance of the similarities in a batch from the teacher's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from udfs.vectors.fast_model import Array
from udfs.vectors.sparse_features import SIZE, Features

MIN_TEXTS = 2  # that have a feature: what one text has alone teaches nothing about others
BATCH = 256
PAIRS = 1.0  # weight of the similarities beside the vectors
RATE, FADE, BETAS, TINY = 2e-3, 1e-4, (0.9, 0.999), 1e-8  # Adam's, with weight decay
DROPPED = 0.3  # share of a text's features that a step does not see


@dataclass(frozen=True)
class Net:
    """Hold what is learned, in the shapes of a FastModel."""

    idf: Array
    table: Array
    bias: Array
    weights: Array


@dataclass
class _Adam:
    """Hold the moments of one array."""

    first: Array
    second: Array
    steps: int = 0

    def step(self, values: Array, slope: Array, rate: float) -> None:
        self.steps += 1
        self.first += (1 - BETAS[0]) * (slope - self.first)
        self.second += (1 - BETAS[1]) * (slope * slope - self.second)
        size = rate * np.sqrt(1 - BETAS[1] ** self.steps) / (1 - BETAS[0] ** self.steps)
        values *= 1 - rate * FADE
        values -= size * self.first / (np.sqrt(self.second) + TINY)


@dataclass
class _Weights:
    table: Array
    bias: Array
    weights: Array
    moments: list[_Adam] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.moments = [_Adam(np.zeros_like(one), np.zeros_like(one)) for one in (self.table, self.bias, self.weights)]


def distilled(
    rows: Sequence[Features], taught: Array, *, hidden: int, epochs: int, seed: int, say: Callable[[str], None]
) -> Net:
    """Learn from the features of texts and their teacher's unit vectors, (texts, width).

    Memory: 8 bytes for each feature of a text, some 8 kB a text, and 12 bytes × hidden for each feature that two texts have.
    """
    matrix, idf, columns = _matrix(rows)
    draw = np.random.default_rng(seed)
    width = taught.shape[1]
    net = _Weights(
        table=np.zeros((len(columns), hidden), dtype=np.float32),
        bias=draw.normal(0, 0.1, hidden).astype(np.float32),
        weights=draw.normal(0, hidden**-0.5, (hidden, width)).astype(np.float32),
    )
    steps = epochs * -(-len(rows) // BATCH)
    done = 0
    for epoch in range(epochs):
        order = draw.permutation(len(rows))
        losses = []
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            rate = RATE * min(1.0, (done + 1) / 20) * (1 - done / steps)
            losses.append(_step(net, _thinned(matrix[chosen], draw), taught[chosen], rate))
            done += 1
        say(f"epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.4f}")
    table = np.zeros((SIZE, hidden), dtype=np.float32)
    table[columns] = net.table
    return Net(idf, table, net.bias, net.weights)


def _matrix(rows: Sequence[Features]) -> tuple[csr_matrix, Array, npt.NDArray[np.int64]]:
    """Return texts of length 1 by features that two texts have, the rarity of each feature, and which features the columns are."""
    places = np.concatenate([one for one, _ in rows])
    values = np.concatenate([one for _, one in rows])
    ends = np.cumsum([0, *(len(one) for one, _ in rows)])
    seen = np.bincount(places, minlength=SIZE)
    idf = np.where(seen >= MIN_TEXTS, np.log((1 + len(rows)) / (1 + seen)) + 1, 0).astype(np.float32)
    values = values * idf[places]
    lengths = np.sqrt(np.add.reduceat(values * values, ends[:-1]))
    values = values / np.repeat(np.where(lengths > 0, lengths, 1), np.diff(ends))
    columns = np.flatnonzero(idf)
    numbers = np.zeros(SIZE, dtype=np.int64)
    numbers[columns] = np.arange(len(columns))
    matrix = csr_matrix((values.astype(np.float32), numbers[places], ends), shape=(len(rows), len(columns)))
    matrix.eliminate_zeros()
    return matrix, idf, columns


def _thinned(matrix: csr_matrix, draw: np.random.Generator) -> csr_matrix:
    """Leave out a share of the features, and bring the texts back to length 1."""
    values = matrix.data * (draw.random(len(matrix.data), dtype=np.float32) >= DROPPED)
    sums = np.bincount(np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)), values * values, matrix.shape[0])
    scale = 1 / np.sqrt(np.where(sums > 0, sums, 1))
    values *= np.repeat(scale.astype(np.float32), np.diff(matrix.indptr))
    return csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)


def _step(net: _Weights, given: csr_matrix, wanted: Array, rate: float) -> float:
    """Take one step of Adam down the loss of a batch, and return the loss."""
    hidden = np.maximum(np.asarray(given @ net.table) + net.bias, 0)
    out = hidden @ net.weights
    lengths = np.maximum(np.linalg.norm(out, axis=1, keepdims=True), np.float32(TINY))
    unit = out / lengths
    count = len(wanted)
    apart = unit @ unit.T - wanted @ wanted.T
    np.fill_diagonal(apart, 0)
    loss = float(np.mean(1 - np.sum(unit * wanted, axis=1)) + PAIRS * np.sum(apart * apart) / count)
    slope = (-wanted + np.float32(4 * PAIRS) * (apart @ unit)) / np.float32(count)
    slope = (slope - unit * np.sum(slope * unit, axis=1, keepdims=True)) / lengths  # through the scaling to length 1
    back = (slope @ net.weights.T) * (hidden > 0)
    slopes = (np.asarray(given.T @ back), back.sum(axis=0), hidden.T @ slope)
    for values, moments, one in zip((net.table, net.bias, net.weights), net.moments, slopes, strict=True):
        moments.step(values, np.asarray(one, dtype=np.float32), rate)
    return loss
