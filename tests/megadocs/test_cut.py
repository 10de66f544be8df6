"""The cut of a page: equal tokens, exact places, nothing lost."""

from functools import cache

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from udfs.megadocs.cut import cut
from udfs.signals import tokens
from udfs.signals.tokens import token_count, token_starts

GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"  # openai/gpt-2 src/encoder.py
PAGES = st.one_of(st.text(max_size=300), st.text(alphabet="ab é漢🙂\n\t .1", max_size=300))
PIECES = st.sampled_from([1, 3, 9, 33])


@cache
def gpt2() -> tiktoken.Encoding:
    return tiktoken.Encoding("oracle", pat_str=GPT2, mergeable_ranks=tokens._encoding()._mergeable_ranks, special_tokens={})


def by_the_rule(text: str, pieces: int) -> list[int]:
    """Cut the list of GPT-2's own tokens, and say how many whole characters stand before each cut."""
    every = gpt2().encode_ordinary(text)
    width, extra = divmod(len(every), pieces)
    sizes = [width + 1] * extra + [width] * (pieces - extra)
    cuts, done = [], 0
    for size in sizes[:-1]:
        done += size
        before = b"".join(gpt2().decode_single_token_bytes(one) for one in every[:done])
        cuts.append(len(before.decode("utf-8", "ignore")))
    return cuts


@given(PAGES, PIECES)
def test_the_pieces_are_cut_where_the_rule_says(text: str, pieces: int) -> None:
    spans = cut(text, pieces=pieces)
    assert [start for start, _ in spans[1:]] == by_the_rule(text, pieces)


@given(PAGES, PIECES)
def test_the_pieces_together_are_the_page(text: str, pieces: int) -> None:
    spans = cut(text, pieces=pieces)
    assert len(spans) == pieces
    assert "".join(text[start:end] for start, end in spans) == text


@given(PAGES)
def test_a_token_begins_once(text: str) -> None:
    assert len(token_starts(text)) == token_count(text)


def test_a_long_page_is_cut_as_a_short_one() -> None:
    text = "One word after another, and 12 more.\n" * 2000
    spans = cut(text, pieces=9)
    counts = [token_count(text[start:end]) for start, end in spans]
    width, extra = divmod(token_count(text), 9)
    assert counts == [width + 1] * extra + [width] * (9 - extra)


def test_a_page_of_fewer_tokens_than_pieces_has_empty_pieces() -> None:
    assert cut("one two", pieces=4) == ((0, 3), (3, 7), (7, 7), (7, 7))


def test_no_pieces_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be cut into 0 pieces"):
        cut("one", pieces=0)
