"""Evaluate a forest of binary trees for all blocks at once, in integers."""

from dataclasses import dataclass

import numpy as np

MAX_LEAVES = 32  # of a tree: a bit each
FIRST_TREES = 75  # what they are sure of is not asked of the others: 7 blocks of 10, and no page's score moves by it


@dataclass(frozen=True)
class Forest:
    """Trees whose nodes ask whether a feature is above a border; a tree's leaves are numbered from the lowest answers to the highest.

    `feature`, `border` and `below` are (trees, nodes): where a feature is above the border, the leaves whose bits are in `below` are
    out. `leaves` is (trees, MAX_LEAVES), in units of 1 / SCALE of the logarithm of the odds.
    """

    feature: np.ndarray  # int16
    border: np.ndarray  # float32; infinite for a node that a small tree lacks
    below: np.ndarray  # uint32
    leaves: np.ndarray  # int32


SCALE = 1 << 12
MAX_SCORE = 15 * SCALE
SURE = 5 * SCALE // 2  # odds of 12 to 1


def scores(forest: Forest, features: np.ndarray) -> np.ndarray:
    """Return the score of each block (int64, SCALE to one natural log of odds); features are (features, blocks) float32.

    The first trees score all blocks, and the others those that the first are not sure of.
    """
    total = _sums(forest, slice(FIRST_TREES), features)
    unsure = np.flatnonzero(np.abs(total) < SURE)
    if len(unsure) and len(forest.feature) > FIRST_TREES:
        total[unsure] += _sums(forest, slice(FIRST_TREES, None), features[:, unsure])
    clipped: np.ndarray = np.clip(total, -MAX_SCORE, MAX_SCORE)
    return clipped


def _sums(forest: Forest, some: slice, features: np.ndarray) -> np.ndarray:
    """Sum the leaves that each block falls into, over some of the trees.

    A leaf is the first that no node rules out (QuickScorer, Lucchese et al. 2015). So nobody walks a tree.
    """
    leaves = forest.leaves[some]
    out = np.zeros((len(leaves), features.shape[1]), dtype=np.uint32)
    nodes = zip(forest.feature[some].T, forest.border[some].T, forest.below[some].T, strict=True)
    for feature, border, below in nodes:
        out |= (features[feature] > border[:, None]) * below[:, None]
    first = ~out & (out + np.uint32(1))
    leaf = np.frexp(first)[1] - 1 + (np.arange(len(leaves)) * MAX_LEAVES)[:, None]
    total: np.ndarray = leaves.ravel()[leaf].sum(axis=0, dtype=np.int64)
    return total
