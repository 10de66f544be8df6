"""Fit ridge regression on TF-IDF by conjugate gradients: no matrix of features by features, and one pass over the texts a step."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from udfs.models.ridge import SIZE, Ridge, features, weighted

PENALTY = 1.0  # of the squared weights; texts have length 1
STEPS = 100
ENOUGH = 1e-6  # of the residual's first length
Vector = npt.NDArray[np.float64]


def fitted(rows: Iterable[tuple[float, str]]) -> Ridge:
    """Fit a model to scores and texts; the same rows in the same order make the same model.

    Memory: 16 bytes for each different word and pair of a text's first 512 words, some 12 kB a text.
    Raises ValueError if there is no row.
    """
    scores, counts = [], []
    for score, text in rows:
        scores.append(score)
        counts.append(features(text))
    if not counts:
        raise ValueError("there is no text to learn from")
    seen = np.bincount(np.concatenate([places for places, _ in counts]), minlength=SIZE)
    idf = (np.log((1 + len(counts)) / (1 + seen)) + 1).astype(np.float32)
    made = [weighted(one, idf) for one in counts]
    places, values = (np.concatenate(parts) for parts in zip(*made, strict=True))
    rows_of = np.repeat(np.arange(len(made)), [len(one) for one, _ in made])
    intercept = float(np.mean(scores))
    weights = _solved(places, values, rows_of, np.array(scores) - intercept)
    return Ridge(weights.astype(np.float32), idf, intercept)


def _solved(places: npt.NDArray[np.int64], values: Vector, rows_of: npt.NDArray[np.int64], wanted: Vector) -> Vector:
    """Solve (X'X + PENALTY) w = X'y, where X has `values` at (rows_of, places)."""

    def times(weights: Vector) -> Vector:
        predicted = np.bincount(rows_of, values * weights[places], minlength=len(wanted))
        return np.bincount(places, values * predicted[rows_of], minlength=SIZE) + PENALTY * weights

    weights = np.zeros(SIZE)
    residual: Vector = np.bincount(places, values * wanted[rows_of], minlength=SIZE).astype(np.float64)
    direction, left = residual.copy(), float(residual @ residual)
    first = left
    for _ in range(STEPS):
        if left <= ENOUGH**2 * first:
            break
        along = times(direction)
        step = left / float(direction @ along)
        weights += step * direction
        residual -= step * along
        left, before = float(residual @ residual), left
        direction = residual + left / before * direction
    return weights
