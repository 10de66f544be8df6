"""Measure texts as annotate does, but only what dedup asks for, and find phrases that force texts into one LSH bucket."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import xxhash

from bench.dedup.corpus import Words, fresh, spell
from udfs.similarity.minhash import Backend, Hashes, shingle_hashes, signature, text_hash

if TYPE_CHECKING:
    from jobs.recipe.minhash import MinHash  # what a worker imports of this file needs none of it

EDITS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("replacement", pa.string()), ("kind", pa.string())]))
SIGNALS = pa.schema(
    [
        ("id", pa.string()),
        ("quality_score", pa.float64()),
        ("character_count", pa.int64()),
        ("text_hash", pa.string()),
        ("minhash", pa.binary()),
        ("shingle_count", pa.int64()),
        ("line_edits", EDITS),
        ("error", pa.string()),
        ("chunk", pa.string()),
    ]
)
BLOCK = 1000  # phrases whose least values are found at once


@dataclass(frozen=True)
class Sketching:
    """Say how signatures are made."""

    backend: Backend
    ngram: int
    bands: int
    rows: int
    seed: int

    def sketch(self, hashes: Hashes) -> bytes | None:
        """Return the signature of shingle hashes."""
        return signature(hashes, self.bands * self.rows, self.seed, self.backend)

    def signals(self, ids: Sequence[str], texts: Sequence[str], chunks: Sequence[str]) -> pa.RecordBatch:
        """Return the signals of texts."""
        shingles = [shingle_hashes(text, self.ngram) for text in texts]
        columns = [
            pa.array(ids, pa.string()),
            pa.array([quality_of(id_) for id_ in ids], pa.float64()),
            pa.array([len(text) for text in texts], pa.int64()),
            pa.array([text_hash(text) for text in texts], pa.string()),
            pa.array([self.sketch(hashes) for hashes in shingles], pa.binary()),
            pa.array([len(hashes) for hashes in shingles], pa.int64()),
            pa.array([[]] * len(ids), EDITS),
            pa.nulls(len(ids), pa.string()),
            pa.array(chunks, pa.string()),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=SIGNALS)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn batches of id, text, chunk into batches of signals: what Spark's mapInArrow runs."""
        for batch in batches:
            yield self.signals(*(batch.column(name).to_pylist() for name in ("id", "text", "chunk")))


def sketching_of(minhash: "MinHash") -> Sketching:
    """Return what of a recipe's settings decides signatures, in a form that Spark ships to workers."""
    return Sketching(minhash.backend, minhash.ngram, minhash.bands, minhash.rows, minhash.seed)


def quality_of(id_: str) -> float | None:
    """Make up a quality: two decimals, so that there are ties, and null for one document in ten."""
    drawn = xxhash.xxh3_64_intdigest(id_.encode())
    return None if drawn % 10 == 0 else (drawn >> 11) % 101 / 100


@cache
def forcing(sketching: Sketching, *, tries: int) -> tuple[int, ...]:
    """Find a phrase for each row of the first band whose one shingle has about the least of `tries` values in that row.

    A text with all these phrases has that band's bucket unless one of its other shingles is lower still: with n of them, in
    about n * rows / tries of the texts. Returns the words of all phrases, one after another.
    """
    rng = np.random.default_rng(sketching.seed)
    least = np.full(sketching.rows, np.iinfo(np.uint32).max, np.uint32)
    block_of: list[Words] = [fresh(sketching.ngram, rng)] * sketching.rows
    for _ in range(tries // BLOCK):
        words = fresh(BLOCK + sketching.ngram - 1, rng)
        values = _values(sketching, words)
        for row in np.flatnonzero(values < least).tolist():
            least[row], block_of[row] = values[row], words
    phrases: list[int] = []
    for row, words in enumerate(block_of):
        windows = [words[at : at + sketching.ngram] for at in range(len(words) - sketching.ngram + 1)]
        phrases += next(window for window in windows if _values(sketching, window)[row] == least[row]).tolist()
    return tuple(phrases)


def _values(sketching: Sketching, words: Words) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    made = sketching.sketch(shingle_hashes(spell(words), sketching.ngram))
    assert made is not None  # words have letters
    return np.frombuffer(made, "<u4")[: sketching.rows]
