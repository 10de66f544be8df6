"""Words and sentences of a text as spaCy's blank English tokenizer cuts them, several times faster and without spaCy.

FineWeb's filters count these words and sentences, so a decision follows theirs only if the cuts do. Chinese, Japanese, Thai,
Lao, Khmer and Burmese put no spaces between words: there, every character with its marks is one word.
"""

import unicodedata
from functools import lru_cache
from itertools import chain

import regex

from udfs.punctuation import TERMINAL
from udfs.word_cuts import spaced_words

_UNSPACED = regex.compile(
    r"([\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*+|[。、，．！？：；・「」『』（）《》【】])"
)
_SPACE_OR_CHUNK = regex.compile(r"\s+|\S+")

# Chunks repeat (Zipf): about nine in ten are answered from memory. Longer ones rarely do, and would make the cache heavy.
_LONGEST_CACHED = 40


def split_words(text: str) -> list[str]:
    """Return the words of a text in order, punctuation marks included, white space not.

    Linear in the length of the text whatever it holds. Source: spaCy 3.8 (tokenizer.pyx) as datatrove 0.10.1 calls it
    (utils/word_tokenizers.py, SpaCyTokenizer.word_tokenize).

    >>> split_words("Don't pay $5.00 to Mr. Lee (U.S.)...")
    ['Do', "n't", 'pay', '$', '5.00', 'to', 'Mr.', 'Lee', '(', 'U.S.', ')', '...']
    """
    chunks = text.split()
    if chunks and len(max(chunks, key=len)) <= _LONGEST_CACHED:
        return list(chain.from_iterable(map(_cached_words, chunks)))
    return list(chain.from_iterable(map(_words_of, chunks)))


def has_unspaced(text: str) -> bool:
    """Tell whether a text holds a character of a script that puts no spaces between words."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def count_sentences(line: str) -> int:
    """Return the number of sentences, at least 1: a word after an end mark and its closing punctuation opens a new one.

    Source: spaCy 3.8 (pipeline/sentencizer.pyx), with its white-space words: two spaces after a full stop open a sentence
    that goes on with the next word, which shows only at the end of a line.
    """
    chunks: list[str] = line.split()
    if len(line) != sum(map(len, chunks)) + max(0, len(chunks) - 1) or " ".join(chunks) != line:
        chunks = [run for run in _word_and_space_runs(line) if run]
    count, ended = 1, False
    for chunk in chunks:
        if chunk.isalpha():
            opened, ended = int(ended), False
        elif len(chunk) <= _LONGEST_CACHED:
            opened, ended = _cached_boundaries(chunk, ended)
        else:
            opened, ended = _boundaries(chunk, ended)
        count += opened
    return count


def _word_and_space_runs(line: str) -> list[str]:
    """Return chunks and white space in turn, each run of white space without the one space that only separates."""
    runs: list[str] = _SPACE_OR_CHUNK.findall(line)
    return [run[1:] if place and run[0] == " " else run for place, run in enumerate(runs)]


def _boundaries(chunk: str, ended: bool) -> tuple[int, bool]:
    """Return how many sentences open in a chunk, and whether one has ended after it, given whether one had before."""
    opened = 0
    for word in _words_of(chunk) or (chunk,):
        if word in TERMINAL:
            ended = True
        elif ended and not all(unicodedata.category(char)[0] == "P" for char in word):
            opened, ended = opened + 1, False
    return opened, ended


_cached_boundaries = lru_cache(maxsize=1 << 15)(_boundaries)


def _chunk_words(chunk: str) -> tuple[str, ...]:
    if chunk.isascii() or not _UNSPACED.search(chunk):
        return spaced_words(chunk)
    words: list[str] = []
    for piece in _UNSPACED.split(chunk):  # its one group makes split return the unspaced characters too
        if piece:
            words += spaced_words(piece)
    return tuple(words)


_cached_words = lru_cache(maxsize=1 << 15)(_chunk_words)


def _words_of(chunk: str) -> tuple[str, ...]:
    return _cached_words(chunk) if len(chunk) <= _LONGEST_CACHED else _chunk_words(chunk)
