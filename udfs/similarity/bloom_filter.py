"""A Bloom filter over 64-bit hashes as one numpy array, sized as DCLM's BFF sizes its own."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from udfs.similarity.ngram_hashes import Hashes, mix


def hash_count(bits: int, items: int) -> int:
    """Return k = ceil(bits / items * ln 2), how many bits an item sets."""
    return max(1, math.ceil(bits / max(1, items) * math.log(2)))


def false_positives(bits: int, items: int) -> float:
    """Return the chance that a full filter of this size has an item that was never put in: (1 - (1 - 1/m)^(k n))^k."""
    k = hash_count(bits, items)
    return float((-math.expm1(k * items * math.log1p(-1 / bits))) ** k) if bits > 1 else 1.0


def bits_for(items: int, max_false_positives: float) -> int:
    """Return the fewest bits that hold so many items at this rate of false positives, by bisection.

    Source: mlfoundations/dclm dedup/bff. Rounding k up makes the rate no strictly falling function of the bits, so the fewest by bisection
    may be some bits more than the fewest of all.

    >>> round(bits_for(1_000_000, 0.01) / 1_000_000, 1)
    9.6
    """
    low, high = 1, 2
    while false_positives(high, items) > max_false_positives:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if false_positives(middle, items) > max_false_positives:
            low = middle
        else:
            high = middle
    return high


@dataclass
class BloomFilter:
    """Hold bits for items known by their hashes; the k places of an item are h1 + i * h2 modulo the number of bits."""

    bits: int
    hashes: int
    cells: npt.NDArray[np.uint8] = field(init=False)

    def __post_init__(self) -> None:
        self.cells = np.zeros((self.bits + 7) // 8, np.uint8)

    def __contains__(self, item: int) -> bool:
        return bool(self.contain(np.array([item], np.uint64))[0])

    def contain(self, items: Hashes) -> npt.NDArray[np.bool_]:
        """Tell of each item whether all its bits are set."""
        places = self._places(items)
        set_ = (self.cells[places >> np.uint64(3)] >> (places & np.uint64(7)).astype(np.uint8)) & np.uint8(1)
        there: npt.NDArray[np.bool_] = set_.astype(bool).all(axis=0)
        return there

    def add(self, items: Hashes) -> None:
        """Set the bits of the items."""
        places = self._places(items).ravel()
        np.bitwise_or.at(self.cells, places >> np.uint64(3), np.uint8(1) << (places & np.uint64(7)).astype(np.uint8))

    def _places(self, items: Hashes) -> Hashes:
        step = mix(items + np.uint64(0x9E3779B97F4A7C15)) | np.uint64(1)
        return (items + np.arange(self.hashes, dtype=np.uint64)[:, None] * step) % np.uint64(self.bits)
