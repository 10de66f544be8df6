"""Gopher's numbers on texts small enough to count by hand."""

import math
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.signals.gopher import DUP_NGRAMS, SIGNALS, TOP_NGRAMS, quality, repeated, repetition
from udfs.words.punctuation import SYMBOLS
from udfs.words.split import split_words

_QUALITY_NAMES = [signal.name for signal in SIGNALS[:8]]
_REPETITION_NAMES = [signal.name for signal in SIGNALS[8:]]


def test_quality_counts_by_hand() -> None:
    text = "# The cats sat...\n- and that\n• 42 of them…\n"
    words = ["#", "The", "cats", "sat", "...", "-", "and", "that", "•", "42", "of", "them", "…"]
    assert split_words(text) == words
    assert quality(text, words) == {
        "word_count": 9,  # The cats sat and that • 42 of them: "•" is no punctuation to the source
        "mean_word_length": (3 + 4 + 3 + 3 + 4 + 1 + 2 + 2 + 4) / 9,
        "hash_ratio": 1 / 13,
        "ellipsis_ratio": 2 / 13,
        "bullet_line_ratio": 2 / 3,
        "ellipsis_line_ratio": 2 / 3,
        "alpha_word_ratio": 7 / 13,
        "stop_word_count": 3,  # and, that, of; "The" is capitalised
    }


def test_stop_words_count_once_each() -> None:
    text = "the the the be to of and that have with"
    assert quality(text, text.split())["stop_word_count"] == 8


@pytest.mark.parametrize("text", ["", " \n", "!!! ..."])
def test_a_text_without_words_measures_zero_words_of_zero_length(text: str) -> None:
    measured = quality(text, split_words(text))
    assert (measured["word_count"], measured["mean_word_length"], measured["alpha_word_ratio"]) == (0, 0.0, 0.0)


def test_repeated_counts_copies_after_the_first() -> None:
    assert repeated(["ab", "c", "ab", "ab", "c", "d"]) == (3, 5)


def test_duplicate_lines_and_paragraphs_by_hand() -> None:
    text = "\n\none\n\n\ntwo\none\n\ntwo\none\n\nend"  # 29 characters
    measured = repetition(text, split_words(text))
    expected = {
        "dup_paragraph_ratio": 1 / 4,  # one | two one | two one | end
        "dup_paragraph_char_ratio": 7 / 29,
        "dup_line_ratio": 3 / 7,  # "" one two one two one end: the text begins with a line break
        "dup_line_char_ratio": 9 / 29,
    }
    assert len(text) == 29
    assert {name: measured[name] for name in expected} == expected


def test_top_ngrams_by_hand() -> None:
    text = "a bb a bb a c d"  # 15 characters; a bb twice, bb a twice: the first wins, 4 characters each
    measured = repetition(text, text.split())
    assert [measured[f"top_{n}gram_char_ratio"] for n in TOP_NGRAMS] == [8 / 15, 12 / 15, 9 / 15]


def test_the_first_of_equally_frequent_ngrams_counts() -> None:
    text = "x y z long1 long2 long3 long4"
    assert repetition(text, text.split())["top_3gram_char_ratio"] == 5 / len(text)


def test_the_first_of_unique_ngrams_counts_also_where_shorter_ones_repeat() -> None:
    text = "a bb cc dd bb cc ee"  # "bb cc" repeats, no three words do: "a bb cc" counts, not "bb cc dd"
    measured = repetition(text, text.split())
    assert [measured[f"top_{n}gram_char_ratio"] * 19 for n in TOP_NGRAMS] == pytest.approx([10, 7, 10])


def test_duplicate_ngrams_skip_behind_a_repeat() -> None:
    text = "a b c d e a b c d e a b c d e f"  # 31 characters; for n = 5 two repeats of 5 characters each
    words = text.split()
    measured = repetition(text, words)
    # n = 6: a..a, b..b, c..c, d..d, e..e are new; then abcdea is seen, 6 characters, and 5 words are left. n = 7, 8, 9 alike.
    assert [measured[f"dup_{n}gram_char_ratio"] * 31 for n in DUP_NGRAMS] == pytest.approx([10, 6, 7, 8, 9, 10])


def test_fewer_words_than_an_ngram_measure_none_of_it() -> None:
    measured = repetition("one two", ["one", "two"])
    assert [measured[name] for name in _REPETITION_NAMES[4:]] == [7 / 7, 0, 0, 0, 0, 0, 0, 0, 0]


def test_an_empty_text_repeats_nothing() -> None:
    assert set(repetition("", []).values()) == {0.0}


def test_every_signal_is_measured_and_described_in_the_same_order() -> None:
    assert list(quality("a b", ["a", "b"])) == _QUALITY_NAMES
    assert list(repetition("a b", ["a", "b"])) == _REPETITION_NAMES


def _top_by_brute_force(words: list[str], n: int) -> int:
    ngrams = [" ".join(words[place : place + n]) for place in range(len(words) - n + 1)]
    return max((len(ngram) * ngrams.count(ngram) for ngram in ngrams if ngrams.count(ngram) == _most(ngrams)), default=0)


def _most(items: list[str]) -> int:
    return max(map(items.count, items))


def _dup_by_brute_force(words: list[str], n: int) -> int:
    seen, chars, place = [], 0, 0
    while place <= len(words) - n:
        ngram = words[place : place + n]
        chars += len("".join(ngram)) if ngram in seen else 0
        place += n if ngram in seen else 1
        seen.append(ngram)
    return chars


# Words of one length: then all n-grams of one n are equally long, and which of equals comes first does not matter.
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60))
def test_ngrams_are_those_of_brute_force(words: list[str]) -> None:
    text = " ".join(words)
    measured = repetition(text, words)
    for n in TOP_NGRAMS:
        assert measured[f"top_{n}gram_char_ratio"] == _top_by_brute_force(words, n) / len(text)
    for n in DUP_NGRAMS:
        assert measured[f"dup_{n}gram_char_ratio"] == _dup_by_brute_force(words, n) / len(text)


@given(st.lists(st.sampled_from(["a", "bb", "c", "1", "10", "é", "日"]), min_size=1, max_size=80))
def test_of_top_ngrams_of_many_lengths_the_first_most_frequent_counts(words: list[str]) -> None:
    measured = repetition("x" * 1000, words)
    for n in TOP_NGRAMS:
        ngrams = Counter(tuple(words[place : place + n]) for place in range(len(words) - n + 1))
        top, times = ngrams.most_common(1)[0] if ngrams else ((), 0)  # of equals the first inserted
        assert measured[f"top_{n}gram_char_ratio"] == times * len(" ".join(top)) / 1000


@given(st.lists(st.sampled_from(["a", "the", "Mill", "…", "...", "+", "•", "4", "4.", "日", "e1", "'s"]), max_size=40))
def test_quality_counts_word_by_word(words: list[str]) -> None:
    worded = [word for word in words if not all(char in SYMBOLS for char in word)]
    measured = quality("", words)
    assert measured["word_count"] == len(worded)
    assert measured["mean_word_length"] == (len("".join(worded)) / len(worded) if worded else 0)
    lettered = [word for word in words if any(char.isalpha() for char in word)]
    assert measured["alpha_word_ratio"] == (len(lettered) / len(words) if words else 0)


@given(st.text(alphabet="a\n \r", max_size=30))
def test_lines_and_paragraphs_are_those_between_runs_of_line_breaks(text: str) -> None:
    measured = repetition(text, text.split())
    for name, parts in (("line", re.split(r"\n+", text)), ("paragraph", re.split(r"\n{2,}", text.strip()))):
        assert measured[f"dup_{name}_ratio"] == (len(parts) - len(set(parts))) / len(parts)


@given(st.text(alphabet="ab .#…-•\n\t漢\r\u2028", max_size=80))
def test_every_text_measures_finite_shares(text: str) -> None:
    words = split_words(text)
    measured = quality(text, words) | repetition(text, words)
    assert all(math.isfinite(value) and value >= 0 for value in measured.values())
    shares = [signal.name for signal in SIGNALS if signal.unit.startswith("fraction") and not signal.name.startswith("top")]
    assert all(measured[name] <= 1 for name in shares)


@pytest.mark.parametrize("text", ["word " * 20_000, "\n" * 100_000, "a" * 100_000, "ab\n" * 30_000, "- x…\n" * 20_000])
def test_a_hostile_text_is_measured(text: str) -> None:
    words = split_words(text)
    assert len(quality(text, words) | repetition(text, words)) == len(SIGNALS)
