"""Choose the set of blocks whose text has the best expected F1."""

import numpy as np

PROBABILITY_ONE = 1 << 16


def choose(probability: np.ndarray, words: np.ndarray, *, least: int) -> np.ndarray:
    """Return which blocks to keep, given integers of PROBABILITY_ONE; none if no block reaches `least`.

    Blocks stand in falling order of probability. The first k of them hold so many words of the text as expected, of so many words
    kept and so many expected on the whole page. So each k has an expected F1, and the best k is taken.
    """
    kept = np.zeros(len(probability), dtype=bool)
    if len(probability) == 0 or int(probability.max()) < least:
        return kept
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum(probability[order] * words[order])
    taken = np.cumsum(words[order]) * PROBABILITY_ONE
    best = int(np.argmax(2 * right / (taken + right[-1])))
    kept[order[: best + 1]] = True
    return kept
