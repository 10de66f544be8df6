"""Evaluate a forest of binary trees for all blocks at once, in integers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

MAX_LEAVES = 32  # of a tree: a bit each
QUESTIONS = 1024  # asked at a time, so that what they ask about stays in the processor's cache
FIRST_TREES = 75  # what they are sure of is not asked of the others: two blocks of three, and no mean score moves by 0.001


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

    @cached_property
    def parts(self) -> tuple["_Part", "_Part"]:
        """Return the first trees and the others."""
        return _part(self, slice(FIRST_TREES)), _part(self, slice(FIRST_TREES, None))


@dataclass(frozen=True)
class _Part:
    """Some trees, with each distinct question of theirs once: is a feature above a border?"""

    feature: np.ndarray  # (questions)
    border: np.ndarray  # (questions, 1)
    question: np.ndarray  # (nodes, trees)
    below: np.ndarray  # (nodes, trees, 1)
    leaves: np.ndarray  # (trees, MAX_LEAVES)


def _part(forest: Forest, some: slice) -> _Part:
    feature, border = forest.feature[some], forest.border[some]
    asked = np.empty(feature.size, dtype=[("feature", np.int16), ("border", np.float32)])
    asked["feature"], asked["border"] = feature.ravel(), border.ravel()
    distinct, number = np.unique(asked, return_inverse=True)
    below = np.ascontiguousarray(forest.below[some].T)[:, :, None]
    question = np.ascontiguousarray(number.reshape(feature.shape).T)
    return _Part(distinct["feature"].astype(np.intp), distinct["border"][:, None], question, below, forest.leaves[some])


SCALE = 1 << 12
MAX_SCORE = 15 * SCALE
SURE = 5 * SCALE // 2  # odds of 12 to 1


def scores(forest: Forest, features: np.ndarray) -> np.ndarray:
    """Return the score of each block (int64, SCALE to one natural log of odds); features are (features, blocks) float32.

    The first trees score all blocks, and the others those that the first are not sure of.
    """
    first, others = forest.parts
    total = _sums(first, features)
    unsure = np.flatnonzero(np.abs(total) < SURE)
    if len(unsure) and len(others.leaves):
        total[unsure] += _sums(others, features[:, unsure])
    clipped: np.ndarray = np.clip(total, -MAX_SCORE, MAX_SCORE)
    return clipped


def _sums(part: _Part, features: np.ndarray) -> np.ndarray:
    """Sum the leaves that each block falls into, over some of the trees.

    A leaf is the first that no node rules out (QuickScorer, Lucchese et al. 2015). So nobody walks a tree.
    """
    above = np.empty((len(part.feature), features.shape[1]), dtype=np.bool_)
    for at in range(0, len(above), QUESTIONS):
        some = slice(at, at + QUESTIONS)
        np.greater(features.take(part.feature[some], axis=0), part.border[some], out=above[some])
    answers = above.view(np.uint8)
    out = np.zeros((len(part.leaves), features.shape[1]), dtype=np.uint32)
    ruled = np.empty_like(out)
    for question, below in zip(part.question, part.below, strict=True):
        np.multiply(answers.take(question, axis=0), below, out=ruled)
        out |= ruled
    first = (~out & (out + np.uint32(1))).astype(np.float32)  # one bit, so the exponent is its number
    leaf = (first.view(np.int32) >> 23) + (np.arange(len(part.leaves)) * MAX_LEAVES - 127)[:, None]
    total: np.ndarray = part.leaves.ravel().take(leaf).sum(axis=0, dtype=np.int64)
    return total
