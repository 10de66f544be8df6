"""Lay the lines of one extractor's text out as another's: what trafilatura keeps, with the paragraphs as Resiliparse sees them.

Trafilatura makes one line of a table cell that holds a whole article, and breaks lines where the source of the page has a line break;
Resiliparse knows blocks from source, but keeps more of the page. Where their words agree, the second one's line breaks are taken.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

_NO_WORD = re.compile(r"[\W_]+")
_MARKED = ("- ", "| ", "#")  # list items, table rows and headings are never joined to what stands before


@dataclass(frozen=True)
class Layout:
    """A text laid out, and how many of its lines were cut because the other text does not have their words in a row."""

    text: str
    lines_cut: int


def lay_out(text: str, model: str) -> Layout:
    """Return the lines of `text` whose words stand in `model` in a row, broken and joined where the model breaks and joins.

    1. A line whose words go over several lines of the model is broken there.
    2. A line that goes on in the model's line with which the one before ended is joined to it.
    3. A line without words stays as it is.
    """
    rows = [words for words in map(_words, model.split("\n")) if words]
    starts = [0, *accumulate(map(len, rows))]
    words = "".join(rows)
    laid: list[str] = []
    cut = end = 0
    for line in text.split("\n"):
        own = _words(line)
        if not own:
            laid.append(line)
            continue
        start = words.find(own, end)
        if start < 0:
            start = words.find(own)
        if start < 0:
            cut += 1
            continue
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, start + len(own) - 1) - 1
        pieces = _broken(line, [starts[row] - start for row in range(first + 1, last + 1)])
        if laid and start == end and start > starts[first] and laid[-1].strip() and not line.startswith(_MARKED):
            laid[-1] += " " + pieces.pop(0).lstrip()
        laid += pieces
        end = start + len(own)
    return Layout("\n".join(laid), cut)


def _broken(line: str, after: list[int]) -> list[str]:
    """Break a line after so many of its word characters each; a row of a table that is broken loses its bars."""
    if not after:
        return [line]
    pieces, begin, seen = [], 0, 0
    waiting = iter(after)
    wanted = next(waiting, None)
    for place, character in enumerate(line):
        if _NO_WORD.match(character):
            continue
        if seen == wanted:
            cut = place - _opening(line[begin:place])
            pieces.append(line[begin:cut])
            begin, wanted = cut, next(waiting, None)
        seen += 1
    pieces.append(line[begin:])
    return [piece.strip(" |") if line.startswith("|") else piece.strip() for piece in pieces]


def _opening(before: str) -> int:
    """Return how many characters at the end of a text belong to the word that follows: an opening quote or bracket."""
    return len(before) - len(before.rstrip("\"'([{«„“‘¿¡—–-•*#$€£"))


def _words(text: str) -> str:
    return _NO_WORD.sub("", text if text.isascii() else unicodedata.normalize("NFC", text))
