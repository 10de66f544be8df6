"""DCLM's Bloom filter over paragraphs and documents (BFF, remove type old-both): n-grams of words seen before, in a fixed order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import xxhash

from udfs.similarity.bloom_filter import BloomFilter
from udfs.similarity.ngram_hashes import Hashes, ngram_hashes
from udfs.words.bounds import words

KIND = "bff_paragraph"
NGRAM_SCHEMA = pa.schema(
    [("nr", pa.int64()), ("shard", pa.int32()), ("paragraphs", pa.list_(pa.list_(pa.int64()))), ("error", pa.string())]
)
SEEN_SCHEMA = pa.schema(
    [("nr", pa.int64()), ("marks", pa.list_(pa.int32())), ("ngrams_seen", pa.int64()), ("ngrams", pa.int64())]
)


@dataclass(frozen=True)
class Ngrams:
    """Turn a text into the hashes of its paragraphs' n-grams; what Keys is given."""

    min_ngram: int
    max_ngram: int
    shards: int

    def __call__(self, row: dict[str, Any], text: str) -> dict[str, Any]:
        """Return nr, shard and the n-grams of every paragraph, as NGRAM_SCHEMA has them."""
        hashes = [self.of(text[start:end]).view(np.int64) for start, end in paragraphs(text)]
        shard = xxhash.xxh3_64_intdigest(row["id"].encode()) % self.shards
        return {"nr": row["nr"], "shard": shard, "paragraphs": hashes}

    def of(self, paragraph: str) -> Hashes:
        """Return the n-grams of max_ngram words; a shorter paragraph of at least min_ngram is one, a still shorter has none."""
        found = words(paragraph).low
        if len(found) < self.min_ngram:
            return np.empty(0, np.uint64)
        return ngram_hashes(found, min(self.max_ngram, len(found)))


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Return the spans of the paragraphs; each but the first begins with its line break. They cover the text.

    >>> paragraphs("one\\n\\ntwo")
    [(0, 3), (3, 4), (4, 8)]
    """
    starts = [0, *(place for place, char in enumerate(text) if char == "\n")]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def cut_paragraphs(text: str, marks: Sequence[int]) -> list[tuple[int, int]]:
    """Return the spans of the paragraphs with these numbers, those in sequence as one; what Cuts is given."""
    spans = paragraphs(text)
    cut: list[tuple[int, int]] = []
    for mark in marks:
        start, end = spans[mark]
        if start < end:
            cut[-1:] = [(cut[-1][0], end)] if cut and cut[-1][1] == start else [*cut[-1:], (start, end)]
    return cut


@dataclass(frozen=True)
class SeenBefore:
    """Go through documents, sorted by shard and number, with one filter a shard."""

    threshold: float
    bits: int
    hashes: int

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn batches of NGRAM_SCHEMA into SEEN_SCHEMA: the paragraphs to cut, the n-grams seen before and all n-grams."""
        shard, filter_ = None, BloomFilter(1, 1)
        for batch in batches:
            rows = []
            for number, at, lists in zip(*(batch.column(name) for name in ("nr", "shard", "paragraphs")), strict=True):
                if not lists.is_valid:  # its n-grams could not be made, as its error says
                    continue
                if at.as_py() != shard:
                    shard, filter_ = at.as_py(), BloomFilter(self.bits, self.hashes)
                rows.append({"nr": number.as_py(), **self.document(filter_, [_array(found.values) for found in lists.values])})
            yield pa.RecordBatch.from_pylist(rows, schema=SEEN_SCHEMA)

    def document(self, filter_: BloomFilter, ngrams: Sequence[Hashes]) -> dict[str, Any]:
        """Test each paragraph's n-grams, all of them before any is put in; those of a paragraph that goes are not put in."""
        marks, seen, total = [], 0, 0
        for place, hashes in enumerate(ngrams):
            if not len(hashes):
                continue
            hits = int(filter_.contain(hashes).sum())
            seen, total = seen + hits, total + len(hashes)
            if hits / len(hashes) > self.threshold:
                marks.append(place)
            else:
                filter_.add(hashes)
        return {"marks": marks, "ngrams_seen": seen, "ngrams": total}


def _array(values: pa.Array) -> Hashes:
    found: Hashes = values.to_numpy(zero_copy_only=False).view(np.uint64)
    return found
