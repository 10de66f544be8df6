"""Choose the set of blocks whose text has the best expected F1."""

import numpy as np

from udfs.blocks.model import Model
from udfs.blocks.trees import MAX_SCORE, SCALE

PROBABILITY_ONE = 1 << 16
STRICT_KIND, STRICTER = "article", SCALE // 2  # off the log odds: what stands around an article looks much like it


def keep(model: Model, scores: np.ndarray, words: np.ndarray, *, kind: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Return which blocks of a page of some kind to keep (bool), and the probability of each; none if no block is probable.

    `scores` are as trees.scores gives them. The cut of an article is stricter.
    """
    probability = model.probabilities(scores)
    if int(probability.max(initial=0)) < model.least:
        return np.zeros(len(scores), dtype=bool), probability
    strict = model.probabilities(np.maximum(scores - STRICTER, -MAX_SCORE)) if kind == STRICT_KIND else probability
    return choose(strict, words), probability


def choose(probability: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Return which blocks to keep, given integers of PROBABILITY_ONE; there is at least one block.

    Blocks stand in falling order of probability. The first k of them hold so many words of the text as expected, of so many words
    kept and so many expected on the whole page. So each k has an expected F1, and the best k is taken.
    """
    kept = np.zeros(len(probability), dtype=bool)
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum(probability[order] * words[order])
    taken = np.cumsum(words[order]) * PROBABILITY_ONE
    best = int(np.argmax(2 * right / (taken + right[-1])))
    kept[order[: best + 1]] = True
    return kept
