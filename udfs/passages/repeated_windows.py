"""Windows of n words that a text shares with another, or with itself: their hashes, the few worth asking about, and the cuts.

Asking about every window would be a row for every word. Each window is therefore known by an anchor, the run of half its words
with the least hash. Two equal windows have equal anchors at two places, so a window whose anchor stands at one place only is unique, and
nothing is lost by asking only about the others. Source of the idea: winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from udfs.similarity.ngram_hashes import Hashes, ngram_hashes
from udfs.words.bounds import words

KIND = "repeated_substring"
ANCHOR_SCHEMA = pa.schema([("nr", pa.int64()), ("anchors", pa.list_(pa.int64())), ("error", pa.string())])
_WINDOW = pa.struct([("high", pa.int64()), ("low", pa.int64()), ("at", pa.int32())])
WINDOW_SCHEMA = pa.schema([("nr", pa.int64()), ("windows", pa.list_(_WINDOW)), ("error", pa.string())])


@dataclass(frozen=True)
class Anchors:
    """Turn a text into its anchors, one for each place at which one stands; what Keys is given."""

    size: int

    def __call__(self, row: dict[str, Any], text: str) -> dict[str, Any]:
        """Return nr and anchors, as ANCHOR_SCHEMA has them."""
        runs, places = anchors(words(text).low, self.size)
        return {"nr": row["nr"], "anchors": runs[np.unique(places)].view(np.int64)}


@dataclass(frozen=True)
class Windows:
    """Turn a text, and the anchors that stand at two places or more, into its windows known by these; what Keys is given."""

    size: int

    def __call__(self, row: dict[str, Any], text: str) -> dict[str, Any]:
        """Return nr and windows, as WINDOW_SCHEMA has them: `high` and `low` are the 128 bits that stand for the words."""
        found = words(text)
        runs, places = anchors(found.low, self.size)
        asked = np.array(row["anchors"], np.int64).view(np.uint64)
        at = np.flatnonzero(np.isin(runs[places], asked)) if len(places) else np.empty(0, np.int64)
        high, low = (ngram_hashes(half, self.size)[at].view(np.int64) for half in (found.high, found.low))
        windows = [{"high": h, "low": lo, "at": a} for h, lo, a in zip(high.tolist(), low.tolist(), at.tolist(), strict=True)]
        return {"nr": row["nr"], "windows": windows}


def anchors(found: Hashes, size: int) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Return the hashes of all runs of half a window's words, and for each window the place of its anchor among them.

    Of runs with one hash the leftmost is the anchor, so that equal windows have theirs at the same place in them.
    """
    half = (size + 1) // 2
    runs = ngram_hashes(found, half)
    if len(found) < size:
        return runs, np.empty(0, np.int64)
    choice = np.lib.stride_tricks.sliding_window_view(runs, size - half + 1)
    return runs, choice.argmin(axis=1) + np.arange(len(choice))


@dataclass(frozen=True)
class CutWindows:
    """Turn the numbers of windows that are to go into spans; what Cuts is given."""

    size: int

    def __call__(self, text: str, marks: Sequence[int]) -> list[tuple[int, int]]:
        """Return the spans of the words that any of the windows covers, each run of words as one.

        A run goes with the white space before it; with that after it if it begins the text, or if it begins a line and ends within one,
        so that what follows begins the line in its place.
        """
        found = words(text)
        cut = []
        for first, last in _runs(marks, self.size):
            before = found.ends[first - 1] if first else 0
            after = found.starts[last + 1] if last + 1 < len(found.starts) else len(text)
            start, end = found.starts[first], found.ends[last]
            begins_line = "\n" in text[before:start] and "\n" not in text[end:after] and after < len(text)
            cut.append((before if not first else start, after) if not first or begins_line else (before, end))
        return cut


def _runs(marks: Sequence[int], size: int) -> list[tuple[int, int]]:
    """Join windows that touch or overlap; first and last word of each run."""
    runs: list[tuple[int, int]] = []
    for mark in marks:
        if runs and mark <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], mark + size - 1)
        else:
            runs.append((mark, mark + size - 1))
    return runs
