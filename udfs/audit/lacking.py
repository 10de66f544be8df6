"""Which words of a text another text lacks: by runs of words that both have, then by what is left over; in linear time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from udfs.words.punctuation import TERMINAL
from udfs.words.scripts import NAMES

RUN = 5  # words that stand in both texts in a row: the width of a shingle
# a word; of scripts without spaces, a character
_WORD = regex.compile(rf"[{NAMES}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{NAMES}]]+", regex.V1)
_CLOSING = "\"'”’»)]*_ \t\r"  # may stand behind the mark that ends a sentence


@dataclass(frozen=True)
class Word:
    """Where a word stands in its text, what it is compared by, and whether its line ends as a sentence does."""

    start: int
    end: int
    key: str
    prose: bool


def words_of(text: str) -> list[Word]:
    """Cut a text into words; case and marks between words do not count.

    >>> [word.key for word in words_of("Ein Zug,\\n10 Uhr.")], [word.prose for word in words_of("Ein Zug,\\n10 Uhr.")]
    (['ein', 'zug', '10', 'uhr'], [False, False, True, True])
    """
    found: list[Word] = []
    start = 0
    for line in text.split("\n"):
        end = line.rstrip(_CLOSING)
        prose = bool(end) and (end[-1] in TERMINAL or end[-1] == "…")
        for match in _WORD.finditer(line):
            found.append(Word(start + match.start(), start + match.end(), match[0].casefold(), prose))
        start += len(line) + 1
    return found


def lacking(mine: list[Word], theirs: list[Word]) -> tuple[list[bool], list[bool]]:
    """Mark the words of each of two texts that the other lacks.

    1. A word is shared if it stands in a run of RUN words that the other text has too, wherever it has it.
    2. Of the words outside such runs, one is shared for each equal word outside the runs of the other, in order.
    What is left is lacking. So a moved or repeated passage lacks nothing, and a short change costs its own words alone.

    The cost is linear: each text's runs are hashed once and looked up once, which is ten times its words. Two runs with one hash of
    64 bits would be taken for equal.
    """
    width = max(1, min(RUN, len(mine), len(theirs)))
    runs = [_runs(words, width) for words in (mine, theirs)]
    outside = [
        _outside(words, own, other, width)
        for words, own, other in ((mine, runs[0], set(runs[1])), (theirs, runs[1], set(runs[0])))
    ]
    left = [
        Counter(word.key for word, out in zip(words, marks, strict=True) if out)
        for words, marks in zip((mine, theirs), outside, strict=True)
    ]
    return _lacked(mine, outside[0], left[1]), _lacked(theirs, outside[1], left[0])


def _runs(words: list[Word], width: int) -> list[int]:
    keys = [word.key for word in words]
    return [hash(tuple(keys[at : at + width])) for at in range(len(keys) - width + 1)]


def _outside(words: list[Word], runs: list[int], others: set[int], width: int) -> list[bool]:
    marks = [True] * len(words)
    covered = 0  # words before this place need no second look
    for at, run in enumerate(runs):
        if run in others:
            for place in range(max(at, covered), at + width):
                marks[place] = False
            covered = at + width
    return marks


def _lacked(words: list[Word], outside: list[bool], others: Counter[str]) -> list[bool]:
    left = others.copy()
    marks = []
    for word, out in zip(words, outside, strict=True):
        found = out and left[word.key] > 0
        if found:
            left[word.key] -= 1
        marks.append(out and not found)
    return marks


def runs_of(text: str, words: list[Word], marks: list[bool]) -> Iterator[tuple[str, bool]]:
    """Cut a text into stretches of words that are marked and of those that are not: all of it, in order.

    Between two marked words the text is marked too.
    """
    done = 0
    for start, end in _stretches(words, marks):
        if start > done:
            yield text[done:start], False
        yield text[start:end], True
        done = end
    if done < len(text):
        yield text[done:], False


def _stretches(words: list[Word], marks: list[bool]) -> Iterator[tuple[int, int]]:
    first: int | None = None
    end = 0
    for word, marked in zip(words, marks, strict=True):
        if marked:
            first = word.start if first is None else first
            end = word.end
        elif first is not None:
            yield first, end
            first = None
    if first is not None:
        yield first, end
