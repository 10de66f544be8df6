"""Encode texts as token ids: by the library that defines a tokenizer, or by a faster one that is checked against it.

A text comes from a stranger, so "<|endoftext|>" in it is encoded as the characters it is written with, and never as the special token.
"""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import regex
import tiktoken

from udfs.models.model_file import ModelError
from udfs.tokens.vocabulary import PATTERNS, Vocabulary, content, ranks_of

Ids = npt.NDArray[np.uint32]
Encode = Callable[[Sequence[str]], tuple[Ids, npt.NDArray[np.int64]]]
"""Texts to their ids, one after another, and where each text's begin: text i has ids[offsets[i]:offsets[i + 1]]."""
Engine = Literal["fastest", "definition"]

# tiktoken tries every end of a run of white space, and merges a long run in quadratic time. So a text is cut before, where all its
# patterns end a word: after a letter or digit, before a space or a mark other than an apostrophe. The search goes backwards.
PIECE_CHARACTERS = 10_000
_WORD_ENDS = regex.compile(r"(?r)(?<=[\p{L}\p{N}])(?=[ \p{P}\p{S}])(?!')")


def open_encoder(vocabulary: Vocabulary, engine: Engine) -> Encode:
    """Load an encoder. `definition` is `tokenizers` for a tokenizer.json and tiktoken for others; `fastest` is fastokens for the former.

    Workers run side by side, so each encodes in one thread. Raises ModelError for a file that the library refuses, ImportError without it.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
    if not vocabulary.hugging_face:
        return _tiktoken(vocabulary)
    try:
        return _fastokens(vocabulary) if engine == "fastest" else _tokenizers(vocabulary)
    except ImportError:
        raise
    except Exception as error:  # whatever a library makes of a file that it cannot read
        raise ModelError(
            f"{vocabulary.path} cannot be loaded as a tokenizer, so nothing can be encoded by it: {error}"
        ) from None


def packages_of(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Name the package whose version decides the ids."""
    return ("tokenizers",) if vocabulary.hugging_face else ("tiktoken",)


@lru_cache(maxsize=1)  # a large vocabulary takes a second to load, and each task checks a few documents by it
def _tokenizers(vocabulary: Vocabulary) -> Encode:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(content(vocabulary))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True

    def encode(texts: Sequence[str]) -> tuple[Ids, npt.NDArray[np.int64]]:
        return _joined([one.ids for one in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)])

    return encode


def _fastokens(vocabulary: Vocabulary) -> Encode:
    import fastokens

    tokenizer: Any = fastokens._native.Tokenizer.from_json_str(content(vocabulary))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def encode(texts: Sequence[str]) -> tuple[Ids, npt.NDArray[np.int64]]:
        ids, offsets = tokenizer.encode_batch_flat(list(texts), add_special_tokens=False, split_special_tokens=True)
        return np.frombuffer(ids, "<u4"), np.frombuffer(offsets, "<u8").astype(np.int64)

    return encode


@lru_cache(maxsize=1)  # a worker has many tasks, and GPT-2's encoder takes 0.2 s to make
def _tiktoken(vocabulary: Vocabulary) -> Encode:
    ranks = ranks_of(vocabulary)
    encoding = tiktoken.Encoding(
        vocabulary.name, pat_str=PATTERNS[vocabulary.pattern], mergeable_ranks=ranks, special_tokens={}
    )

    def ids(text: str) -> Ids:
        return encoding.encode_to_numpy(text, disallowed_special=())

    def encode(texts: Sequence[str]) -> tuple[Ids, npt.NDArray[np.int64]]:
        return _joined(
            [ids(text) if len(text) <= PIECE_CHARACTERS else np.concatenate([*map(ids, _cut(text))]) for text in texts]
        )

    return encode


def _cut(text: str) -> list[str]:
    """Cut a text into pieces of at most PIECE_CHARACTERS, within a word only if the word is longer than that."""
    found, start = [], 0
    while len(text) - start > PIECE_CHARACTERS:
        end = start + PIECE_CHARACTERS
        word = _WORD_ENDS.search(text, start + 1, end)
        found.append(text[start : word.start() if word else end])
        start += len(found[-1])
    return [*found, text[start:]]


def _joined(lists: Sequence[Sequence[int] | Ids]) -> tuple[Ids, npt.NDArray[np.int64]]:
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(one) for one in lists], out=offsets[1:])
    parts = [np.asarray(one, np.uint32) for one in lists]
    return (np.concatenate(parts) if parts else np.zeros(0, np.uint32)), offsets
