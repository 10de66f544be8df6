"""Name a tokenizer: GPT-2's, a Hugging Face tokenizer.json, or a tiktoken file of ranks with the pattern that cuts words for it."""

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from udfs.models.model_file import ModelError, found_path
from udfs.signals.tokens import gpt2_ranks

GPT2 = "gpt2"  # the one whose vocabulary comes with gristmill
HUGGING_FACE, TIKTOKEN = ".json", ".tiktoken"  # how the other kinds of files end
Pattern = Literal["gpt2", "cl100k", "o200k"]
END_OF_TEXT = "<|endoftext|>"
BEHIND = 1_024  # ids behind a vocabulary's that a special token may have; a file of 128,000 ranks has 256 such (Llama 3)

# openai/tiktoken tiktoken_ext/openai_public.py: how the encodings of these names cut a text into words before they merge bytes
PATTERNS: dict[Pattern, str] = {
    "gpt2": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    "cl100k": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k": "|".join(
        (
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        )
    ),
}
_SPECIAL: dict[Pattern, dict[str, int]] = {
    "gpt2": {END_OF_TEXT: 50_256},
    "cl100k": {END_OF_TEXT: 100_257},
    "o200k": {END_OF_TEXT: 199_999},
}


@dataclass(frozen=True)
class Vocabulary:
    """Name a tokenizer by the path on the driver and its sha256; GPT-2's has neither. The pattern is for tiktoken's files."""

    name: str
    path: str | None = None
    sha256: str | None = None
    pattern: Pattern = "gpt2"

    @property
    def hugging_face(self) -> bool:
        """Tell whether it is a tokenizer.json, whose definition is the library `tokenizers`."""
        return self.path is not None and self.path.endswith(HUGGING_FACE)


def check_tokenizer(named: str) -> None:
    """Raise ValueError for what is neither GPT-2's name nor that of a file of a kind that can be read."""
    if named != GPT2 and not named.partition("#")[0].endswith((HUGGING_FACE, TIKTOKEN)):
        raise ValueError(f"tokenizer {named!r} is neither {GPT2} nor a file named *{HUGGING_FACE} or *{TIKTOKEN}")


def ranks_of(vocabulary: Vocabulary) -> dict[bytes, int]:
    """Return each token's bytes with its id, of GPT-2's vocabulary or of a file with a token in base64 and an id a line.

    Raises ModelError.
    """
    if vocabulary.path is None:
        return gpt2_ranks()
    try:
        lines = content(vocabulary).splitlines()
        found = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
    except ValueError as error:
        raise ModelError(
            f"{vocabulary.path} is no file of tiktoken's ranks ({error}), so nothing can be encoded by it. Name a .tiktoken file, with a "
            f"token in base64 and its number a line"
        ) from None
    if not found:
        raise ModelError(f"{vocabulary.path} has no token, so nothing can be encoded by it. Name another file")
    return found


def content(vocabulary: Vocabulary) -> str:
    """Return the text of a tokenizer's file, its sha256 checked. Raises ModelError."""
    assert vocabulary.path is not None and vocabulary.sha256 is not None
    return Path(found_path(vocabulary.path, vocabulary.sha256)).read_text("utf-8")


def largest_id(vocabulary: Vocabulary) -> int:
    """Return the largest id that a text, or a special token that is known by name, can have. Raises ModelError."""
    return max(_ids(vocabulary).values())


def id_of(vocabulary: Vocabulary, token: str | int) -> int | None:
    """Return the id of a token that is named, such as "<|endoftext|>"; a number is itself. None: the vocabulary has no such token.

    A number may lie a little behind the vocabulary's ids, where models keep special tokens that a file of ranks does not name.
    """
    if isinstance(token, int):
        return token if 0 <= token <= largest_id(vocabulary) + BEHIND else None
    return _ids(vocabulary).get(token)


@lru_cache(maxsize=4)
def _ids(vocabulary: Vocabulary) -> dict[str, int]:
    """Return every id by its token; of tiktoken's the tokens are in Latin-1, and only those that are special can be asked for."""
    if not vocabulary.hugging_face:
        return {token.decode("latin-1"): rank for token, rank in ranks_of(vocabulary).items()} | _SPECIAL[vocabulary.pattern]
    try:
        file: dict[str, Any] = json.loads(content(vocabulary))
        known: Any = file["model"]["vocab"]
        plain = (
            known if isinstance(known, dict) else {entry[0]: place for place, entry in enumerate(known)}
        )  # a unigram model's
        return {str(token): int(at) for token, at in plain.items()} | {
            str(added["content"]): int(added["id"]) for added in file.get("added_tokens") or ()
        }
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{vocabulary.path} is no tokenizer.json ({type(error).__name__}: {error}), so nothing can be encoded by it. Name the file "
            f"that the library tokenizers has saved"
        ) from None
