"""Say where a page's prose lies: which elements hold most of it."""

import numpy as np

from udfs.blocks.block_sums import Rows

PARTS = (30, 50, 80, 95)  # per cent of the page's words in long blocks


def holders(first: np.ndarray, last: np.ndarray, long_before: np.ndarray, words_before: np.ndarray) -> Rows:
    """Say where each block stands to the smallest elements that hold most of the prose: 0 to 1 inside, below before, above behind.

    `first` and `last` bound the blocks of each element; the others are running sums over blocks of words in long ones, and of all.
    """
    count = len(long_before) - 1
    here = np.arange(count)
    held, size = long_before[last] - long_before[first], last - first
    rows: Rows = {}
    for part in PARTS:
        enough = 100 * held >= part * long_before[-1]
        smallest = np.flatnonzero(enough)[np.argmin(size[enough])]
        low, high = int(first[smallest]), int(last[smallest])
        rows[f"from_holder{part}"] = (here - low) / max(high - low, 1)
        rows[f"page_holder{part}"] = np.full(count, (words_before[high] - words_before[low]) / max(int(words_before[-1]), 1))
    return rows
