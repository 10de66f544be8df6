"""Lay the lines of one extractor's text out as another's: what trafilatura keeps, with the paragraphs as Resiliparse sees them.

Trafilatura makes one line of a table cell that holds a whole article, and breaks lines where the source of the page has a line break;
Resiliparse knows blocks from source, but keeps more of the page. Where their words agree, the second one's line breaks are taken.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

import regex

from udfs.words.normal_forms import composed

_NO_WORD = re.compile(r"[\W_]+")
_CLUSTER = regex.compile(r"\X")
_ROW = "|"
_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*")  # the rule of dashes below a table's first row
_MARKED = ("- ", _ROW, "#")  # list items, table rows and headings are never joined to what stands before


def lay_out(text: str, model: str) -> str:
    """Return `text` with lines broken and joined where the model breaks and joins; no word comes or goes.

    1. A line is found in the model if its words stand there in a row, after those of the line before if possible.
    2. A line that the model lacks stays as it is.
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
        if _RULE.fullmatch(line) and not (laid and laid[-1].startswith(_ROW)):
            continue  # the row above it was broken into lines: a rule alone says nothing
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
    before, after = (lines[: places[0]], lines[places[-1] + 1 :]) if places else (lines, [])
    return "\n".join([*before, *laid, *after])


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
    for place, size in _counted(line):
        if seen == wanted:
            cut = place - _opening(line[begin:place])
            pieces.append(line[begin:cut])
            begin, wanted = cut, next(waiting, None)
        seen += size
    pieces.append(line[begin:])
    return [piece.strip(" |") if line.startswith("|") else piece.strip() for piece in pieces]


def _counted(line: str) -> Iterator[tuple[int, int]]:
    """Yield where word characters stand in a line, and how many each is when composed: Hangul may come as two or three a syllable."""
    if composed(line) == line:
        yield from ((place, 1) for place, character in enumerate(line) if not _NO_WORD.match(character))
        return
    for cluster in _CLUSTER.finditer(line):
        if size := len(words_of(cluster[0])):
            yield cluster.start(), size


def _opening(before: str) -> int:
    """Return how many characters at the end of a text belong to the word that follows: an opening quote or bracket."""
    return len(before) - len(before.rstrip("\"'([{«„“‘¿¡—–-•*#$€£"))


def words_of(text: str) -> str:
    """Return the word characters of a text, in normal form, without what stands between them."""
    return _NO_WORD.sub("", composed(text))
