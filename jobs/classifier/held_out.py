"""Measures a classifier on held-out text: precision, recall, F1 and AUC, and how far its scores lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Metrics:
    """Say how a model does on held-out text: precision, recall, F1 at probability 0.5; None where undefined."""

    positives: int
    negatives: int
    precision: float | None
    recall: float | None
    f1: float | None
    auc: float | None


def measure(truths: Sequence[bool], scores: Sequence[float], *, above: float = 0.5) -> Metrics:
    """Return counts, precision, recall and F1 of scores above a bound, and AUC, of scores against the truth.

    AUC is the probability that a positive scores above a negative, ties counting half (Mann-Whitney, by mean ranks).
    """
    truth, score = np.array(truths, dtype=bool), np.array(scores, dtype=float)
    positives, negatives = int(truth.sum()), int((~truth).sum())
    kept = score > above
    hits = int((kept & truth).sum())
    precision = hits / int(kept.sum()) if kept.any() else None
    recall = hits / positives if positives else None
    auc = None
    if positives and negatives:
        _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
        auc = float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))
    f1 = 2 * hits / (int(kept.sum()) + positives) if positives else None
    return Metrics(positives=positives, negatives=negatives, precision=precision, recall=recall, f1=f1, auc=auc)


def middle(scores: Sequence[float]) -> tuple[float, float] | None:
    """Return the 5th and the 95th percentile of scores; None if there are none.

    >>> middle([0.5] * 40)
    (0.5, 0.5)
    """
    if not scores:
        return None
    low, high = np.quantile(np.array(scores, dtype=float), (0.05, 0.95)).tolist()
    return low, high
