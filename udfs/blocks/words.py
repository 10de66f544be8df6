"""Hash every word of a text at once, by integers that are the same on every machine."""

import numpy as np

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse among 64-bit integers
_PERIOD = 1 << 16  # letters, after which the powers begin again
_MIX = np.uint64(0xC2B2AE3D27D4EB4F)


def _powers(base: int) -> np.ndarray:
    return np.multiply.accumulate(np.full(_PERIOD, base, dtype=np.uint64))


_RISING, _FALLING = _powers(_BASE) * _MIX, _powers(pow(_BASE, -1, 1 << 64))


def hash_words(codes: np.ndarray, is_word: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each run of word characters begins, and its hash (uint32); letters A to Z count as small ones.

    A letter counts times a power of its place, and a word's sum is divided by the power of its first place. So all words need one
    running sum, and equal words have equal hashes.
    """
    places = np.flatnonzero(is_word)
    if len(places) == 0:
        return places, np.zeros(0, dtype=np.uint32)
    fresh = np.ones(len(places), dtype=bool)
    np.not_equal(places[1:], places[:-1] + 1, out=fresh[1:])
    begins = np.flatnonzero(fresh)  # among the letters
    letters = codes[places]
    letters += (letters - np.uint32(65) < np.uint32(26)) * np.uint32(32)
    powers = _RISING[: len(letters)] if len(letters) <= _PERIOD else np.resize(_RISING, len(letters))
    totals = np.add.reduceat(letters * powers, begins) * _FALLING[begins & (_PERIOD - 1)]
    return places[begins], (totals >> np.uint64(32)).astype(np.uint32)
