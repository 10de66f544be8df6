"""Hashes of every run of n words in time linear in the words, whatever n: one polynomial over the words' own hashes."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_INVERSE = pow(_BASE, -1, 1 << 64)


def ngram_hashes(words: Hashes, n: int) -> Hashes:
    """Return a 64-bit hash for each run of n consecutive words, in order; none if there are fewer.

    The hash is mix(sum of word[i + j] * base^-j for j < n) modulo 2^64, from one cumulative sum. Since the words' hashes are random,
    two runs that differ collide with a chance near 2^-64; two that differ by a swap of words at a distance of up to 50, with one of 2^-57
    (base^32 - 1 is a multiple of 2^7).
    """
    return RunHashes(words).of_length(n)


class RunHashes:
    """Hash any runs of words, of any lengths, from one cumulative sum: as `ngram_hashes` does those of one length."""

    def __init__(self, words: Hashes) -> None:
        self._up, down = (_powers(base, 1 << len(words).bit_length())[: len(words)] for base in (_BASE, _INVERSE))
        self._sums = np.zeros(len(words) + 1, np.uint64)
        np.cumsum(words * down, out=self._sums[1:])

    def of_length(self, n: int) -> Hashes:
        """Return the hashes of all runs of n words, in order."""
        count = len(self._up) - n + 1
        if count <= 0 or n < 1:
            return np.empty(0, np.uint64)
        return mix((self._sums[n:] - self._sums[:count]) * self._up[:count])

    def between(self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Hashes:
        """Return the hash of each run from a start to an end, at least one word."""
        return mix((self._sums[ends] - self._sums[starts]) * self._up[starts])


def mix(values: Hashes) -> Hashes:
    """Return SplitMix64's finaliser of the values: each bit of one moves every bit of the other."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@lru_cache(maxsize=48)
def _powers(base: int, count: int) -> Hashes:
    """Return base^0, base^1, … modulo 2^64."""
    factors = np.full(count, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)
