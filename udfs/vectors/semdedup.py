"""SemDeDup inside one cluster: which vectors go because an earlier one is too like them, by blocks, in exact cosines.

The source is Abbas et al., SemDeDup (arXiv 2303.09540, section 3), and its repository's semdedup.py. The rows come in the order in which
they are to be kept. Both rules are one pass over that order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from udfs.vectors.grid import Grid, cosines, products, squared_lengths

Rule = Literal["survivors", "greedy"]
Places = npt.NDArray[np.int64]
Cosines = npt.NDArray[np.float64]
BLOCK = 1024  # rows and columns of one block of products: 4 MB
STAYS = -1


@dataclass(frozen=True)
class Found:
    """Say of each row what was earlier and too like it: its place, or STAYS; and the cosine to it, 0 for a row that stays."""

    by: Places
    cosine: Cosines

    @property
    def goes(self) -> npt.NDArray[np.bool_]:
        """Tell which rows go."""
        return np.asarray(self.by != STAYS)


def duplicates(vectors: Grid, *, min_cosine: float, rule: Rule) -> Found:
    """Find the rows that go. Of several earlier rows the most similar is named, of equals the first.

    - survivors: a row goes if an earlier row that stays has a cosine of at least min_cosine to it. So each row that goes has a witness
      that stays.
    - greedy, the paper's: a row goes if any earlier row has. That row may have gone itself, so a chain of neighbours goes as a whole.

    min_cosine is above 0. Memory is the vectors and a few blocks; time is rows² × width / 2 at most.
    """
    lengths = squared_lengths(vectors)
    found = Found(np.full(len(vectors), STAYS, dtype=np.int64), np.zeros(len(vectors)))
    staying = np.zeros(0, dtype=np.int64)
    for start in range(0, len(vectors), BLOCK):
        mine = np.arange(start, min(start + BLOCK, len(vectors)))
        for at in range(0, len(staying), BLOCK):
            earlier = staying[at : at + BLOCK]
            _name_best(found, earlier, *_alike(vectors, lengths, earlier, mine, min_cosine=min_cosine))
        within = _alike(vectors, lengths, mine, mine, min_cosine=min_cosine)
        if rule == "greedy":
            _name_best(found, mine, *within)
            staying = np.concatenate([staying, mine])
        else:
            _name_within(found, mine, *within)
            staying = np.concatenate([staying, mine[found.by[mine] == STAYS]])
    return found


def kept_counts(vectors: Grid, *, tried: Sequence[float], rule: Rule) -> list[int]:
    """Return how many rows stay at each of the cosines.

    By the greedy rule a row goes as soon as any earlier one is near enough: one pass at the least cosine tells all.
    """
    if rule == "greedy" and tried:
        nearest = duplicates(vectors, min_cosine=min(tried), rule=rule).cosine
        return [int((nearest < one).sum()) for one in tried]
    return [int((~duplicates(vectors, min_cosine=one, rule=rule).goes).sum()) for one in tried]


def roots(found: Found) -> Places:
    """Return for each row the row that stays at the end of its chain of witnesses; a row that stays is its own.

    >>> roots(Found(np.array([STAYS, 0, 1, STAYS]), np.zeros(4))).tolist()
    [0, 0, 0, 3]
    """
    ends = np.arange(len(found.by))
    for place in np.flatnonzero(found.goes):  # in order, and a witness is earlier: its own end is known
        ends[place] = ends[found.by[place]]
    return ends


def cosine_of(vectors: Grid, left: Places, right: Places) -> Cosines:
    """Return the cosine of each pair of rows."""
    lengths, found = squared_lengths(vectors), np.zeros(len(left))
    for at in range(0, len(left), BLOCK):
        a, b = left[at : at + BLOCK], right[at : at + BLOCK]
        product = np.einsum("ij,ij->i", vectors[a].astype(np.int64), vectors[b].astype(np.int64))
        found[at : at + BLOCK] = cosines(product.astype(np.float32), lengths[a], lengths[b])
    return found


def _alike(vectors: Grid, lengths: Cosines, left: Places, right: Places, *, min_cosine: float) -> tuple[Places, Cosines]:
    """Return the rows of right that have an earlier one of left alike, and cosines, (rows of left, such rows): 0 where not alike.

    There is no list of pairs: in a crowd of nearly equal rows every pair is alike, and a list costs twenty times what the product does.
    """
    product = products(vectors[left].astype(np.float32), vectors[right].astype(np.float32))
    earlier = left[:, np.newaxis] < right
    # few rows are near any: one comparison finds those, and the division is for them alone
    least = min_cosine * np.sqrt(lengths[left].min() * lengths[right].min())
    near = np.flatnonzero(((product >= np.float32(least) - 1) & earlier).any(axis=0))
    cosine = cosines(product[:, near], lengths[left][:, np.newaxis], lengths[right[near]])
    cosine[(cosine < min_cosine) | ~earlier[:, near]] = 0
    return right[near], cosine


def _name_best(found: Found, left: Places, later: Places, cosine: Cosines) -> None:
    """Name the most similar of the earlier rows, and of equals the first; what was named before stays if it is as good."""
    best = cosine.argmax(axis=0)
    most = cosine[best, np.arange(len(later))]
    better = most > found.cosine[later]
    found.by[later[better]] = left[best[better]]
    found.cosine[later[better]] = most[better]


def _name_within(found: Found, left: Places, later: Places, cosine: Cosines) -> None:
    """Do so inside a block in order: a row that has gone names nobody."""
    for place in np.flatnonzero(cosine.any(axis=1)).tolist():
        if found.by[left[place]] == STAYS:
            better = cosine[place] > found.cosine[later]
            found.by[later[better]] = left[place]
            found.cosine[later[better]] = cosine[place, better]
