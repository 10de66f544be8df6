"""Counts a text's words and pairs of words in hashed buckets, as DSIR does, so that a target corpus can choose among documents."""

import hashlib
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa

from udfs.signals.definition import Signal
from udfs.words.word_punct import word_punct

BUCKETS = 10_000
_SOURCE = "DSIR (arXiv 2302.03169), section 4; p-lambda/dsir data_selection/hashed_ngram_dsir.py"

SIGNALS = (
    Signal(
        "wordpunct_count",
        "int",
        "tokens",
        _SOURCE,
        "runs of word characters, and runs of other characters without white space; DSIR leaves out documents under 100",
    ),
)
TYPE = pa.list_(pa.struct([("bucket", pa.int16()), ("count", pa.int32())]))
COLUMN = "hashed_ngrams"


class Features(NamedTuple):
    """What is counted in one text: its tokens, and pairs of bucket and count in the order of buckets; none is 0."""

    tokens: int
    ngrams: list[tuple[int, int]]


def measure(text: str) -> Features:
    """Count a text's tokens, and its n-grams by bucket.

    An n-gram is a token, or two that follow each other with a space between, in lower case. Its bucket is the sha256 of its UTF-8 bytes
    modulo BUCKETS.

    >>> found = measure("No, no!")
    >>> found.tokens, sum(count for _, count in found.ngrams)
    (4, 7)
    """
    tokens = word_punct(text.lower())
    return Features(len(tokens), sorted(_counts(tokens).items()))


def _counts(tokens: list[str]) -> Counter[int]:
    found = Counter(map(_bucket_of_token, tokens))
    found.update(
        map(bucket_of, map(" ".join, pairwise(tokens)))
    )  # most pairs are rare: a cache of them costs more than it spares
    return found


def bucket_of(ngram: str) -> int:
    """Return the bucket of an n-gram.

    >>> bucket_of("the")
    8288
    """
    # a text of ours may hold a lone surrogate, which UTF-8 has no bytes for
    return int.from_bytes(hashlib.sha256(ngram.encode("utf-8", "surrogatepass")).digest(), "big") % BUCKETS


_bucket_of_token = lru_cache(maxsize=1 << 16)(bucket_of)
