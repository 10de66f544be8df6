"""Folding leaves what a copy keeps, and every word has its place in the text."""

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.grams import folded_text
from udfs.grams.folded_text import folded, word_spans

TEXTS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aB é\u0301ß½水ﬁ’\u00ad\u200d\n.𠀀İ")), max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The QUICK, brown-fox!", ["the", "quick", "brown", "fox"]),
        ("don't don’t DON`T", ["don", "t"] * 3),
        ("café cafe\u0301 CAFÉ cafe", ["cafe"] * 4),
        ("3.14 and x_1 + 20%", ["3", "14", "and", "x", "1", "20"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zerowidth"]),
        ("ｆｕｌｌ　ｗｉｄｔｈ ﬁ", ["full", "width", "fi"]),
        ("水車は回る。", ["水", "車", "は", "回", "る"]),
        ("Что, где?", ["что", "где"]),
        ("Yıl YIL yil", ["yil"] * 3),
        ("\ud800 lone", ["lone"]),
        ("", []),
    ],
)
def test_words_are_what_a_copy_keeps(text: str, words: list[str]) -> None:
    assert folded(text).split() == words


def test_a_letter_in_upper_case_is_the_same() -> None:
    letters = (chr(code) for code in range(0x20000) if chr(code).isalpha())
    assert [letter for letter in letters if folded(letter.upper()).split() != folded(letter).split()] == []


@given(TEXTS)
def test_every_word_has_a_span_of_its_own_and_in_order(text: str) -> None:
    words = folded(text).split()
    starts, ends = word_spans(text)
    assert len(starts) == len(ends) == len(words)
    spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    for word, (start, end) in zip(words, spans, strict=True):
        assert word in folded(text[start:end])


@given(TEXTS)
def test_a_long_text_is_folded_in_pieces_with_the_same_words_and_spans(text: str) -> None:
    whole = folded(text).split(), [part.tolist() for part in word_spans(text)]
    with mock.patch.object(folded_text, "_PIECE", 3):
        assert (folded(text).split(), [part.tolist() for part in word_spans(text)]) == whole


@given(TEXTS)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)).split() == folded(text).split()
