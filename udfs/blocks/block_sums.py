"""Sums over runs of blocks, and what features make of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Rows = dict[str, np.ndarray]  # features by name, one entry a block


@dataclass(frozen=True)
class Sums:
    """Sums over all blocks before each place, for sums over any run of blocks."""

    before: np.ndarray  # (what, blocks + 1)

    def over(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        sums: np.ndarray = self.before[:, high] - self.before[:, low]
        return sums


def ratios(total: np.ndarray) -> Rows:
    """Return shares of words: in links, in paragraphs, in long blocks, and stops a word; `total` is as Sums.over gives it."""
    shares = total[1:5] / np.maximum(total[0], 1)
    return dict(zip(("linked", "paragraphs", "long", "stops"), shares, strict=True))


def named(tables: Rows, places: Sequence[str]) -> Rows:
    """Take tables of one row a place apart."""
    return {f"{name}_{place}": row for name, table in tables.items() for place, row in zip(places, table, strict=True)}
