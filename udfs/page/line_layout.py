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
_ROW = "|"
_MARKED = ("- ", _ROW, "#")  # list items, table rows and headings are never joined to what stands before


@dataclass(frozen=True)
class Layout:
    """A text laid out, whole and without the lines at its edges that the other text does not have, and the number of those lines."""

    whole: str
    cut: str
    lines_cut: int


def lay_out(text: str, model: str) -> Layout:
    """Return `text` with lines broken and joined where the model breaks and joins, with and without lines at its edges that the model lacks.

    1. A line is found in the model if its words stand there in a row, after those of the line before if possible.
    2. Lines before the first that is found or a row of a table, and after the last, are the edges: there stands what leads to other pages.
       Those between stay as they are: there stands what the model wrongly leaves out.
    3. A line whose words go over several lines of the model is broken there; one that goes on in the line of the model with which the
       line before it ended is joined to that.
    """
    rows = [words for words in map(words_of, model.split("\n")) if words]
    starts = [0, *accumulate(map(len, rows))]
    lines = text.split("\n")
    owns = [words_of(line) for line in lines]
    found = _found(owns, "".join(rows))
    places = [place for place, span in enumerate(found) if span is not None or lines[place].startswith(_ROW)]
    laid: list[str] = []
    end = 0
    for place in range(places[0], places[-1] + 1) if places else ():
        line, span = lines[place], found[place]
        if span is None:
            laid.append(line)
            end = -1
            continue
        start, stop = span
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, stop - 1) - 1
        pieces = _broken(line, [starts[row] - start for row in range(first + 1, last + 1)])
        if laid and start == end and start > starts[first] and not line.startswith(_MARKED):
            laid[-1] += " " + pieces.pop(0).lstrip()
        laid += pieces
        end = stop
    edges = (*owns[: places[0]], *owns[places[-1] + 1 :]) if places else owns
    before, after = (lines[: places[0]], lines[places[-1] + 1 :]) if places else (lines, [])
    return Layout("\n".join([*before, *laid, *after]), "\n".join(laid), sum(map(bool, edges)))


def _found(owns: list[str], words: str) -> list[tuple[int, int] | None]:
    """Return where each line's words stand among the model's, from and to; None for those that do not, or if there are none."""
    found: list[tuple[int, int] | None] = []
    end = 0
    for own in owns:
        start = words.find(own, end) if own else -1
        if start < 0 and own:
            start = words.find(own)
        found.append((start, start + len(own)) if start >= 0 else None)
        end = start + len(own) if start >= 0 else end
    return found


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


def words_of(text: str) -> str:
    """Return the word characters of a text, in normal form, without what stands between them."""
    return _NO_WORD.sub("", text if text.isascii() else unicodedata.normalize("NFC", text))
