"""Evaluate a forest of symmetric trees for all blocks at once, in integers."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Forest:
    """Symmetric trees: all nodes of a level ask the same question, so a leaf is a number made of the answers.

    `feature` and `border` are (trees, levels), at most eight levels: is the feature above the border? `leaves` is (trees, 2 ** levels), in units of
    1 / SCALE of the logarithm of the odds.
    """

    feature: np.ndarray  # int16
    border: np.ndarray  # float32
    leaves: np.ndarray  # int32
    bias: int


SCALE = 1 << 12
MAX_SCORE = 15 * SCALE


def scores(forest: Forest, features: np.ndarray) -> np.ndarray:
    """Return the score of each block (int64, SCALE to one natural log of odds); features are (features, blocks) float32."""
    trees, levels = forest.feature.shape
    above = features[forest.feature.T.ravel()] > forest.border.T.reshape(-1, 1)
    bits = above.view(np.uint8).reshape(levels, trees, -1)
    answers = bits[0]
    for level in range(1, levels):
        answers |= bits[level] << np.uint8(level)
    leaf = answers + (np.arange(trees) * forest.leaves.shape[1])[:, None]
    total = forest.leaves.ravel()[leaf].sum(axis=0, dtype=np.int64) + forest.bias
    clipped: np.ndarray = np.clip(total, -MAX_SCORE, MAX_SCORE)
    return clipped
