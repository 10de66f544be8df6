"""Words as Unicode's default boundaries (UAX #29) cut them, punctuation marks included: the tokens of duplicate parts."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import regex
import xxhash

_BOUND = regex.compile(r"\b", regex.WORD)
# the property White_Space; str.isspace() knows four separators more, U+001C to U+001F
_WHITE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


class Words(NamedTuple):
    """The words of a text: where each starts and ends (code points), and its xxh3_128 as two halves."""

    starts: list[int]
    ends: list[int]
    high: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]


def split(text: str) -> list[str]:
    """Return the segments between default word boundaries, those of white space too.

    `regex` has the boundaries, as Rust's unicode-segmentation has (split_word_bounds).

    >>> split("can't jump 32.3 feet, right?")
    ["can't", ' ', 'jump', ' ', '32.3', ' ', 'feet', ',', ' ', 'right', '?']
    """
    return [segment for segment in _BOUND.split(text) if segment]


def words(text: str) -> Words:
    """Return the segments that are not white space alone."""
    starts: list[int] = []
    ends: list[int] = []
    digests: list[bytes] = []
    at = 0
    for segment in split(text):
        end = at + len(segment)
        if segment.strip(_WHITE):
            starts.append(at)
            ends.append(end)
            digests.append(xxhash.xxh3_128_digest(segment.encode()))
        at = end
    halves = np.frombuffer(b"".join(digests), ">u8").astype(np.uint64).reshape(-1, 2)
    return Words(starts, ends, halves[:, 0].copy(), halves[:, 1].copy())
