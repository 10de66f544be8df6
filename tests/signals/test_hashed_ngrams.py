"""DSIR's features: words and pairs of words, counted in buckets by sha256."""

import hashlib
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from udfs.signals.hashed_ngrams import BUCKETS, measure


def bucket(ngram: str) -> int:
    return int(hashlib.sha256(ngram.encode()).hexdigest(), 16) % BUCKETS


def test_words_marks_and_pairs_of_them_are_counted_in_lower_case() -> None:
    ngrams = ["don", "'", "t", "don", "don '", "' t", "t don"]
    assert measure("Don't\n DON") == (4, sorted(Counter(map(bucket, ngrams)).items()))


def test_a_text_without_tokens_has_no_counts() -> None:
    assert [measure(text) for text in ("", " \n\t")] == [(0, [])] * 2


@given(st.text(max_size=80))
def test_all_ngrams_are_counted_and_buckets_are_in_order(text: str) -> None:
    count, pairs = measure(text)
    assert sum(times for _, times in pairs) == max(0, 2 * count - 1)
    assert [place for place, _ in pairs] == sorted({place for place, _ in pairs})
