"""Words and sentences of a text as spaCy's blank English tokenizer cuts them, several times faster and without spaCy.

FineWeb's filters count these words and sentences, so a decision follows theirs only if the cuts do. Chinese, Japanese, Thai,
Lao, Khmer and Burmese put no spaces between words: there, every character with its marks is one word. Ethiopic and Tibetan may have
marks in place of spaces, which separate and are no words.
"""

import re
import unicodedata

import regex

from udfs.words.cuts import spaced_words
from udfs.words.exceptions import EXCEPTIONS
from udfs.words.punctuation import OF_SCRIPTS, TERMINAL, TYPED_STOP, WORDSPACE
from udfs.words.scripts import NAMES, SEPARATORS, ZERO_WIDTH_SPACED

_UNSPACED = rf"[{NAMES}]\p{{M}}*+|[。、，．！？：；・「」『』（）《》【】]"
_SEPARATOR = rf"[{SEPARATORS}]|(?<=[{ZERO_WIDTH_SPACED}])\u200b"
_HAS_UNSPACED = regex.compile(f"{_UNSPACED}|{_SEPARATOR}")
_PIECES = regex.compile(rf"({_UNSPACED}|[{''.join(sorted(OF_SCRIPTS))}]|{TYPED_STOP})|{_SEPARATOR}")
_ENDS = TERMINAL | {TYPED_STOP}
# An end mark, or a character beyond the first plane, where there are many: re is fast over a set only within that plane.
_MAY_END = re.compile(
    f"[{re.escape(''.join(mark for mark in sorted(TERMINAL) if ord(mark) < 0x10000))}{WORDSPACE}\U00010000-\U0010ffff]"
)
_SPACE_OR_CHUNK = regex.compile(r"\s+|\S+")

# Chunks repeat (Zipf): those that are not plain words mostly do. Longer ones rarely, and would make the memory heavy.
_LONGEST_KEPT = 40
_MOST_KEPT = 1 << 16  # chunks

# What a chunk does to the count of sentences: how many open in it and whether one has ended after it, given that none had
# ended before it, and given that one had.
_Moves = tuple[tuple[int, bool], tuple[int, bool]]
_PLAIN: _Moves = ((0, False), (1, False))
_ENDING: _Moves = ((0, True), (1, True))


class _WordsOf(dict[str, tuple[str, ...]]):
    """Map chunks to their words, found at first use; emptied when full, which the frequent ones survive within a page.

    A dict, because looking up in one is a third of the time of a functools cache, which keeps the order of use.
    """

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        words = _cut(chunk)
        if len(chunk) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[chunk] = words
        return words


class _MovesOf(dict[str, _Moves]):
    """Map chunks, and runs of white space, to what they do to the count of sentences; as _WordsOf."""

    def __missing__(self, chunk: str) -> _Moves:
        moves = _moves(chunk)
        if len(chunk) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[chunk] = moves
        return moves


_words_of = _WordsOf()
_moves_of = _MovesOf()


def split_words(text: str) -> list[str]:
    """Return the words of a text in order, punctuation marks included, white space not.

    Linear in the length of the text whatever it holds. Source: spaCy 3.8 (tokenizer.pyx) as datatrove 0.10.1 calls it
    (utils/word_tokenizers.py, SpaCyTokenizer.word_tokenize).

    >>> split_words("Don't pay $5.00 to Mr. Lee (U.S.)...")
    ['Do', "n't", 'pay', '$', '5.00', 'to', 'Mr.', 'Lee', '(', 'U.S.', ')', '...']
    >>> split_words("የሰው፡ልጅ፡ነው።")
    ['የሰው', 'ልጅ', 'ነው', '።']
    """
    words: list[str] = []
    for chunk in text.split():
        # four chunks in five are a plain word: to see that costs less than to fetch it from a large, cold dict
        if chunk.isalpha() and chunk.isascii() and chunk not in EXCEPTIONS:
            words.append(chunk)
        else:
            words += _words_of[chunk]
    return words


def has_unspaced(text: str) -> bool:
    """Tell whether a text holds a character of a script that puts no spaces between words, or a mark in place of one."""
    return not text.isascii() and _HAS_UNSPACED.search(text) is not None


def count_sentences(line: str) -> int:
    """Return the number of sentences, at least 1: a word after an end mark and its closing punctuation opens a new one.

    Source: spaCy 3.8 (pipeline/sentencizer.pyx), with its white-space words: two spaces after a full stop open a sentence
    that goes on with the next word, which shows only at the end of a line.
    """
    mark = _MAY_END.search(line)
    if mark is None or mark.end() == len(line):
        return 1
    line = line[line.rfind(" ", 0, mark.start()) + 1 :]  # what comes before the first end mark's chunk opens nothing
    chunks: list[str] = line.split()
    if " ".join(chunks) != line:
        chunks = [run for run in _word_and_space_runs(line) if run]
    count, ended = 1, False
    for chunk in chunks:
        if not chunk.isalpha():
            opened, ended = _moves_of[chunk][ended]
            count += opened
        elif ended:
            count, ended = count + 1, False
    return count


def _word_and_space_runs(line: str) -> list[str]:
    """Return chunks and white space in turn, each run of white space without the one space that only separates."""
    runs: list[str] = _SPACE_OR_CHUNK.findall(line)
    return [run[1:] if place and run[0] == " " else run for place, run in enumerate(runs)]


def _moves(chunk: str) -> _Moves:
    words = _words_of[chunk]
    if words and words[0].isalnum():  # the commonest two, at once
        if _ENDS.isdisjoint(words):
            return _PLAIN
        if len(words) == 2 and words[1] in _ENDS:
            return _ENDING
    after_none, after_end = (_opened(words, ended=ended) for ended in (False, True))
    return after_none, after_end


def _opened(words: tuple[str, ...], *, ended: bool) -> tuple[int, bool]:
    """Return how many sentences open in these words, and whether one has ended after them, given whether one had before."""
    opened = 0
    for word in words:
        if word in _ENDS:
            ended = True
        elif ended and not all(unicodedata.category(char)[0] == "P" for char in word):
            opened, ended = opened + 1, False
    return opened, ended


def _cut(chunk: str) -> tuple[str, ...]:
    if chunk.isascii() or not _PIECES.search(chunk):
        return spaced_words(chunk)
    words: list[str] = []
    for piece in _PIECES.split(chunk):  # its one group makes split return what it holds too, and None for a separator
        if piece:
            words += spaced_words(piece)
    return tuple(words)
