"""Sparse features of a text for the fast embedder: hashed words, pairs of words and runs of characters, by numpy alone.

The text is an array of code points. A polynomial hash of all its beginnings gives the hash of any run by one subtraction.
"""

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

BITS = 18  # features are numbers below 2^BITS
SIZE = 1 << BITS
GRAMS = (4,)  # characters, of one word with the spaces beside it
_USUAL = 5  # characters of a token that are looked at first, and mostly are enough
_PER_TOKEN = 12  # most characters of a token that are looked at
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SPACE = 32
_GROWTH = (1 + np.log(np.maximum(np.arange(1 << 12), 1))).astype(np.float32)
_COSTS = np.array([0.1, 0.24, 1.0, 0.6])  # word pieces of a character, by its kind
# of the first letters of scripts that put no space between words: each letter is a word
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
Hashes = npt.NDArray[np.uint64]
Features = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]


def features(text: str, *, max_tokens: int) -> Features:
    """Return the features of a text's beginning, sorted, and 1 + ln of how often each stands there.

    The beginning is about as long as `max_tokens` word pieces. A text without letters and digits has no feature.
    Costs about 0.5 ms for 256 tokens.
    """
    letters, kinds = _letters(text, max_tokens)
    size = len(letters)
    if size < 3:  # the two spaces at the ends
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    forth, back = _powers(max_tokens * _PER_TOKEN + 3)
    sums = np.zeros(size + 1, dtype=np.uint64)
    np.cumsum((letters + np.uint64(1)) * forth[:size], out=sums[1:])
    word = kinds > 0
    breaks = np.flatnonzero(~(word[1:] & word[:-1]) | (kinds[1:] == 2) | (kinds[:-1] == 2)) + 1
    starts, ends = breaks[:-1], breaks[1:]
    real = word[starts]
    starts, ends = starts[real], ends[real]
    words = (sums[ends] - sums[starts]) * back[starts]
    spaces = np.cumsum(~word)
    found = [_mixed(words, 1), _mixed(words[:-1] * np.uint64(3) ^ _mixed(words[1:], 2), 2)]
    for n in GRAMS:
        if size >= n:
            at = np.arange(size - n + 1)
            inside = spaces[at + n - 2] == spaces[at]  # no space but at the ends
            at = at[inside]
            found.append(_mixed((sums[at + n] - sums[at]) * back[at], n))
    every = (np.concatenate(found) >> np.uint64(64 - BITS)).astype(np.uint32)
    every.sort()
    firsts = np.flatnonzero(np.diff(every, prepend=np.uint32(SIZE)))
    times = np.diff(firsts, append=len(every))
    return every[firsts].astype(np.int64), _GROWTH[np.minimum(times, len(_GROWTH) - 1)]


def _letters(text: str, max_tokens: int) -> tuple[Hashes, npt.NDArray[np.uint8]]:
    """Return the beginning in lower case, all that is no letter or digit as one space, with a space at each end; and its kinds."""
    for most in (max_tokens * _USUAL, max_tokens * _PER_TOKEN):
        lower = f" {text[:most].lower()[:most]} "
        letters = np.frombuffer(lower.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        kinds = _kinds()[letters]
        kept = kinds > 0
        kept[0] = True
        kept[1:] |= kinds[:-1] > 0
        letters, kinds = letters[kept], kinds[kept]
        end = int(np.searchsorted(np.cumsum(_COSTS[kinds]), max_tokens, side="right"))
        if end < len(letters) - 1 or len(text) <= most:
            break
    if end < len(letters):
        letters, kinds = letters[: end + 1], kinds[: end + 1].copy()
        kinds[-1] = 0
    return np.where(kinds > 0, letters, _SPACE).astype(np.uint64), kinds


def _mixed(hashes: Hashes, salt: int) -> Hashes:
    """Spread hashes over all 64 bits, another way for each kind of feature."""
    found = (hashes ^ np.uint64(salt * _BASE & 0xFFFFFFFFFFFFFFFF)) * _MIX
    found ^= found >> np.uint64(31)
    return found * _MIX


@lru_cache(maxsize=1)
def _kinds() -> npt.NDArray[np.uint8]:
    """Tell of every code point: 0 separates words, 1 is a letter, mark or digit of ASCII and 3 another, 2 is a word by itself."""
    found = np.fromiter((unicodedata.category(chr(code))[0] in "LMN" for code in range(0x110000)), np.uint8, 0x110000)
    found[128:] *= 3
    for first, last in _UNSPACED:
        found[first : last + 1] = np.minimum(found[first : last + 1], 2)
    return found


@lru_cache(maxsize=8)
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """Return the powers of the base and of its inverse, modulo 2^64."""
    found = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        one, many = 1, []
        for _ in range(size):
            many.append(one)
            one = one * base & 0xFFFFFFFFFFFFFFFF
        found.append(np.array(many, dtype=np.uint64))
    return found[0], found[1]
