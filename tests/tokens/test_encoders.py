"""Encoders: ids are those of the library that defines the tokenizer, and a stranger's text names no special token."""

import base64
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.models.model_file import ModelError, sha256_of
from udfs.signals.tokens import gpt2_ranks
from udfs.tokens.encoders import PIECE_CHARACTERS, Encode, open_encoder
from udfs.tokens.vocabulary import GPT2, PATTERNS, Pattern, Vocabulary, id_of, largest_id

TEXTS = [
    "Ein Haus am See, it's 12 degrees.",
    "",
    "  two  spaces\n\n\tand a tab ",
    "naïve café — 日本語のテキスト 👩‍💻",
    "<|endoftext|> is written with letters",
]


def ids(encode: Encode, text: str) -> list[int]:
    found: list[int] = encode([text])[0].tolist()
    return found


@pytest.fixture(scope="module")
def tokenizer_json(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    """Train a small tokenizer of Hugging Face's on the texts."""
    tokenizers = pytest.importorskip("tokenizers")
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(TEXTS * 3, trainer)
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    made.save(str(path))
    return Vocabulary(path.name, str(path), sha256_of(path))


@pytest.fixture(scope="module")
def ranks_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ranks") / "gpt2.tiktoken"
    path.write_text("".join(f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in gpt2_ranks().items()))
    return path


def test_gpt2_gives_the_ids_of_tiktokens_own_encoding() -> None:
    encode, whole = (
        open_encoder(Vocabulary(GPT2), "fastest"),
        tiktoken.Encoding(
            "whole", pat_str=PATTERNS["gpt2"], mergeable_ranks=gpt2_ranks(), special_tokens={"<|endoftext|>": 50_256}
        ),
    )
    assert [ids(encode, text) for text in TEXTS] == [whole.encode_ordinary(text) for text in TEXTS]
    assert (largest_id(Vocabulary(GPT2)), id_of(Vocabulary(GPT2), "<|endoftext|>")) == (50_256, 50_256)


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
@settings(max_examples=25)
@given(
    word=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    between=st.sampled_from([" ", ".\n\n", ", ", "'s ", "  "]),
)
def test_a_long_text_is_cut_where_words_end_anyway(pattern: Pattern, word: str, between: str) -> None:
    text = (word + between + "plain words " + between) * (PIECE_CHARACTERS // (len(word) + 14) + 2)
    encode, whole = both(pattern)
    assert ids(encode, text) == whole.encode_ordinary(text)


@cache
def both(pattern: Pattern) -> tuple[Encode, tiktoken.Encoding]:
    whole = tiktoken.Encoding("whole", pat_str=PATTERNS[pattern], mergeable_ranks=gpt2_ranks(), special_tokens={})
    return open_encoder(Vocabulary(GPT2, pattern=pattern), "definition"), whole


def test_a_million_white_spaces_or_letters_cost_no_more_than_other_texts() -> None:
    encode = open_encoder(Vocabulary(GPT2), "definition")
    for text in (" " * 1_000_000 + "a", "\n " * 500_000, "a" * 1_000_000):
        found = ids(encode, text)
        assert (
            b"".join(token for token in map({rank: token for token, rank in gpt2_ranks().items()}.get, found) if token)
            == text.encode()
        )


def test_both_engines_give_the_ids_of_tokenizers_and_no_special_token(tokenizer_json: Vocabulary) -> None:
    tokenizers, _ = pytest.importorskip("tokenizers"), pytest.importorskip("fastokens")
    known = tokenizers.Tokenizer.from_file(tokenizer_json.path)
    known.encode_special_tokens = True
    for engine in ("definition", "fastest"):
        encode = open_encoder(tokenizer_json, engine)
        found, offsets = encode(TEXTS)
        assert offsets.tolist() == np.cumsum([0, *(len(known.encode(text).ids) for text in TEXTS)]).tolist()
        assert found.tolist() == [one for text in TEXTS for one in known.encode(text).ids]
    eos = id_of(tokenizer_json, "<|endoftext|>")
    assert eos == 0 and eos not in found.tolist()
    assert largest_id(tokenizer_json) == known.get_vocab_size() - 1


def test_a_file_of_ranks_gives_the_ids_of_the_vocabulary_that_it_holds(ranks_file: Path) -> None:
    given_file = Vocabulary("file", str(ranks_file), sha256_of(ranks_file))
    encode, known = open_encoder(given_file, "fastest"), open_encoder(Vocabulary(GPT2), "fastest")
    assert [ids(encode, text) for text in TEXTS] == [ids(known, text) for text in TEXTS]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{}", "is no tokenizer.json"),
        ("a.json", "no json", "is no tokenizer.json"),
        ("a.tiktoken", "IQ== zero\n", "is no file of tiktoken's ranks"),
        ("a.tiktoken", "", "has no token"),
    ],
)
def test_a_file_that_is_no_tokenizer_is_refused(name: str, text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ModelError, match=said):
        largest_id(Vocabulary(name, str(path), sha256_of(path)))


def test_a_tokenizer_that_the_library_refuses_is_refused_with_its_path(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"model": {"type": "unheard of", "vocab": {"a": 0}}}))
    with pytest.raises(ModelError, match=r"a\.json cannot be loaded as a tokenizer"):
        open_encoder(Vocabulary("a", str(path), sha256_of(path)), "definition")
