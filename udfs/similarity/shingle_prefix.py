"""Keys under which two documents must meet if they are similar: the rarest shingles of each, as many as the threshold asks for.

Of two sets that overlap in at least k shingles, the first |x| - k + 1 of the one and the first |y| - k + 1 of the other, in any order
that is the same for both, have one in common (Chaudhuri, Ganti and Kaushik 2006; the two lengths of prefix are those of Bayardo, Ma and
Srikant 2007). Rarest first, what the pages of a template share comes last and makes nobody meet.
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from udfs.similarity.ngram_hashes import mix
from udfs.similarity.shingles import as_set

KEY_SCHEMA = pa.schema([("key", pa.int64()), ("class", pa.int64()), ("n", pa.int64()), ("small", pa.bool_())])

_SLACK = 1e-9  # so that rounding makes a prefix longer, never shorter


class PrefixKeys:
    """Turn batches of class, shingles (`udfs/similarity/shingles.py`) and keys (the buckets it is in) into rows of KEY_SCHEMA, as mapInArrow takes it.

    `small` marks the keys under which a document meets a larger one; the others serve to meet a smaller one. A pair needs the mark
    at the smaller of the two.
    """

    def __init__(
        self, frequent: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], *, min_similarity: float, measure: str
    ) -> None:
        by_hash = np.argsort(frequent)
        self.frequent, self.counts = frequent[by_hash], counts[by_hash]
        self.min_similarity, self.measure = min_similarity, measure

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = zip(*(batch.column(name).to_pylist() for name in ("class", "shingles", "keys")), strict=True)
            for number, shingles, keys in rows:
                if shingles is None:  # they could not be made: it meets nobody
                    continue
                yield self._keys(number, as_set(shingles), np.array(keys, np.int64))

    def _keys(self, number: int, shingles: npt.NDArray[np.int64], keys: npt.NDArray[np.int64]) -> pa.RecordBatch:
        n = len(shingles)
        length, small = prefix_lengths(n, min_similarity=self.min_similarity, measure=self.measure)
        rarest = shingles[np.lexsort((shingles, self._frequency(shingles)))[:length]]
        mixed = mix(rarest[None, :].view(np.uint64) + mix(keys[:, None].view(np.uint64))).view(np.int64)
        marks = np.tile(np.arange(length) < small, len(keys))
        columns = [mixed.ravel(), np.full(mixed.size, number), np.full(mixed.size, n), marks]
        return pa.record_batch([pa.array(column) for column in columns], schema=KEY_SCHEMA)

    def _frequency(self, shingles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if not len(self.frequent):
            return np.zeros(len(shingles), np.int64)
        place = np.minimum(np.searchsorted(self.frequent, shingles), len(self.frequent) - 1)
        return np.where(self.frequent[place] == shingles, self.counts[place], 0)


def each_shingle(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Turn batches of shingles into batches of one shingle a row, to be counted."""
    for batch in batches:
        for value in batch.column("shingles").drop_null():
            yield pa.record_batch([pa.array(as_set(value.as_buffer()))], names=["shingle"])


def prefix_lengths(n: int, *, min_similarity: float, measure: str) -> tuple[int, int]:
    """Return how many of the n shingles are keys, and how many of these are marked.

    By Jaccard t, a partner that is no larger has at least t n shingles in common, one that is no smaller at least 2 t n / (1 + t).
    By containment t of n shingles, the worse document is marked; the better one may be of any size, so all its shingles are keys.

    >>> prefix_lengths(100, min_similarity=0.75, measure="jaccard"), prefix_lengths(100, min_similarity=0.75, measure="containment")
    ((26, 15), (100, 26))
    """
    least = n - math.ceil(min_similarity * n - _SLACK) + 1
    if measure == "containment":
        return n, least
    return least, n - math.ceil(2 * min_similarity / (1 + min_similarity) * n - _SLACK) + 1
