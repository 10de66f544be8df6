"""Measures how well a fast embedder agrees with its teacher: similarities over pairs, and nearest neighbours."""

from collections.abc import Sequence

import numpy as np

from udfs.vectors.agreement import Agreement
from udfs.vectors.fast_model import Array

NEAREST = 10
MIN_TEXTS = 50  # among fewer, ten neighbours are a large part of all
MOST = 4_000  # texts, whose pairs are 8 million


def agreement(taught: Array, found: Array) -> Agreement:
    """Compare two sets of unit vectors of the same texts, by all pairs; both figures are None below MIN_TEXTS."""
    count = len(taught)
    if count < MIN_TEXTS:
        return Agreement(count, None, None)
    taught, found = taught[:MOST], found[:MOST]
    right, mine = taught @ taught.T, found @ found.T
    above = np.triu_indices(len(taught), 1)
    pearson = float(np.corrcoef(right[above], mine[above])[0, 1])
    shared = [len(set(one) & set(other)) / NEAREST for one, other in zip(_nearest(right), _nearest(mine), strict=True)]
    return Agreement(count, round(pearson, 4), round(float(np.mean(shared)), 4))


def by_language(taught: Array, found: Array, languages: Sequence[str]) -> dict[str, Agreement]:
    """Compare within each language that has enough texts, by the language's label."""
    labels = np.array(languages)
    made = {str(one): agreement(taught[labels == one], found[labels == one]) for one in np.unique(labels)}
    return {name: one for name, one in made.items() if one.pearson is not None}


def _nearest(similar: Array) -> list[list[int]]:
    """Return the nearest other texts of each, by similarity; of equals the earlier."""
    np.fill_diagonal(similar, -np.inf)
    return [row.tolist() for row in np.argsort(-similar, axis=1, kind="stable")[:, :NEAREST]]
