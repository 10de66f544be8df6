"""Words as Unicode's default boundaries (UAX #29) cut them, punctuation marks included: the tokens of duplicate parts."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import regex
import xxhash

from udfs.words.white_space import WHITE_SPACE

_BOUND = regex.compile(r"\b", regex.WORD)
_MANY_FLAGS = regex.compile(r"[\U0001F1E6-\U0001F1FF]{64,}+")  # letters of flags, two a flag


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
    if text.isascii() or not _MANY_FLAGS.search(text):
        return [segment for segment in _BOUND.split(text) if segment]
    # at each letter `regex` counts those before it. A long run is cut into its pairs here, but for its first and last ones:
    # they may cling to what is around
    segments, done = [], 0
    for run in _MANY_FLAGS.finditer(text):
        start, end = run.start() + 2, run.start() + (len(run[0]) - 1) // 2 * 2
        segments += [segment for segment in _BOUND.split(text[done:start]) if segment]
        segments += [text[at : at + 2] for at in range(start, end, 2)]
        done = end
    return [*segments, *(segment for segment in _BOUND.split(text[done:]) if segment)]


def words(text: str) -> Words:
    """Return the segments that are not white space alone."""
    starts: list[int] = []
    ends: list[int] = []
    digests: list[bytes] = []
    at = 0
    for segment in split(text):
        end = at + len(segment)
        if segment.strip(WHITE_SPACE):
            starts.append(at)
            ends.append(end)
            digests.append(xxhash.xxh3_128_digest(segment.encode()))
        at = end
    halves = np.frombuffer(b"".join(digests), ">u8").astype(np.uint64).reshape(-1, 2)
    return Words(starts, ends, halves[:, 0].copy(), halves[:, 1].copy())
