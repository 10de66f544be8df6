"""Count how often each run of n words of a text occurs, for n = 2 to 10: what every reading of Gopher's repetition rules asks."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


class Repeats(NamedTuple):
    """Say where runs of n words occur that occur more than once: their places, in order, and how often each occurs."""

    n: int
    places: Numbers
    times: Numbers


def repeats(words: Sequence[str], sizes: Sequence[int]) -> Iterator[Repeats]:
    """Yield the repeated n-grams of each size; the sizes rise one by one from 2.

    1. Number the words. An n-gram is the number of its first n - 1 words and that of its last: one integer.
    2. A longer n-gram repeats only where its first words do, so each pass visits only the places that the last one found.
    """
    number_of: dict[str, int] = defaultdict(count().__next__)
    numbers = np.fromiter(map(number_of.__getitem__, words), np.int64, len(words))
    places, firsts = np.arange(len(words)), numbers
    for n in sizes:
        places = places[: places.searchsorted(len(words) - n, side="right")]
        times, codes = counted(firsts[: len(places)] * len(words) + numbers[places + (n - 1)])
        found = np.flatnonzero(times > 1)
        places, firsts = places[found], codes[found]
        yield Repeats(n, places, times[found])


def covered(one: Repeats, count: int) -> npt.NDArray[np.bool_]:
    """Tell for each word whether a repeated n-gram holds it."""
    change = np.zeros(count + 1, np.int64)
    change[one.places] += 1  # places are all different
    np.add.at(change, one.places + one.n, -1)
    return change[:-1].cumsum() > 0


def counted(codes: Numbers) -> tuple[Numbers, Numbers]:
    """Return for each code how often it occurs, and a number below their count that is the same for equal codes only."""
    order = codes.argsort()
    in_order = codes[order]
    opens = np.ones(len(codes), np.bool_)
    np.not_equal(in_order[1:], in_order[:-1], out=opens[1:])
    group = opens.cumsum() - 1
    numbers = np.empty_like(codes)
    numbers[order] = group
    return np.bincount(group)[numbers], numbers


def lengths_of(words: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Return the lengths of the words, and their sums up to each word: the n words at i are sums[i + n] - sums[i] characters."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    return lengths, np.concatenate((np.zeros(1, np.int64), lengths.cumsum()))
