"""Segments: they join to the text, they fit, and they end where a reader would stop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.rephrase.segments import segments
from udfs.signals.tokens import token_count

TEXTS = st.text(st.sampled_from(list("ab .\n!?é漢。🎻\u2028")), max_size=200)


@given(TEXTS, st.integers(16, 40))
def test_segments_join_to_the_text_and_fit(text: str, most: int) -> None:
    cut = segments(text, most)
    assert "".join(cut) == text
    assert all(0 < token_count(piece) <= most for piece in cut)


def test_paragraphs_stay_whole_and_segments_are_about_equal() -> None:
    paragraphs = [f"Paragraph {n} has a few words.\n\n" for n in range(10)]
    cut = segments("".join(paragraphs), 50)
    assert cut == ["".join(paragraphs[:5]), "".join(paragraphs[5:])]


@pytest.mark.parametrize(
    ("text", "first"),
    [("One is short. " * 20, "One is short. " * 3), ("word " * 60, "word " * 8), ("x" * 200, "x" * 68)],
    ids=["sentences", "words", "characters"],
)
def test_a_long_paragraph_is_cut_at_sentences_then_words_then_anywhere(text: str, first: str) -> None:
    assert segments(text, 17)[0] == first


def test_nothing_has_no_segment() -> None:
    assert segments("", 16) == []
