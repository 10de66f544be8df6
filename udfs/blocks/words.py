"""Hash every word of a text at once, by integers that are the same on every machine."""

import numpy as np

MAX_LENGTH = 32  # characters that count
_DRAWN = np.array([pow(0x9E3779B1, place + 1, 1 << 32) | 1 for place in range(MAX_LENGTH)], dtype=np.uint32)
_MIX = np.uint32(0x85EBCA6B)


def hash_words(codes: np.ndarray, is_word: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each run of word characters begins, and its hash (uint32); letters A to Z count as small ones."""
    before = np.concatenate(([False], is_word[:-1])) if len(is_word) else is_word
    begins = np.flatnonzero(is_word & ~before)
    if len(begins) == 0:
        return begins, np.zeros(0, dtype=np.uint32)
    letters = codes[is_word].astype(np.uint32)
    letters += ((letters >= 65) & (letters <= 90)).astype(np.uint32) * np.uint32(32)
    lengths_before = np.cumsum(is_word)[begins] - 1  # where each word begins among the letters
    lengths = np.diff(np.append(lengths_before, len(letters)))
    place = np.arange(len(letters)) - np.repeat(lengths_before, lengths)
    drawn = _DRAWN[np.minimum(place, MAX_LENGTH - 1)]
    mixed = (letters * _MIX) ^ (letters >> np.uint32(7))
    hashes = np.add.reduceat(mixed * drawn, lengths_before, dtype=np.uint32)
    return begins, hashes ^ (hashes >> np.uint32(15))
