"""RefinedWeb's line rules, as DCLM runs them one after another: which lines and which parts of lines go."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from udfs.edits.edit import Edit

LINES = "refinedweb_line"  # kind of edits
MAX_UPPER, MAX_DIGITS = 0.5, 0.999999  # shares of a line's characters
MIN_WORDS = 2
SHORT = 10  # words of a line in which phrases are looked for

_COUNTER = re.compile(
    r"^\W*\d(?:,|\.|\d)*(?:K|k|M|m|B|b)?\s+"
    r"(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads|views|followers)\W*$"
)
_CART = re.compile(r"\s?items in cart", re.IGNORECASE)
_SIGN_IN = re.compile(r"^sign-in\s?", re.IGNORECASE)
# DCLM's code has the dots as a pattern, any three characters: it cuts "read more now" and "read more of it" half, too
_READ_MORE_FAITHFUL = re.compile(r"\s?read more...$", re.IGNORECASE)
_READ_MORE = re.compile(r"\s?read more(?:\.\.\.|…)$", re.IGNORECASE)


class _Line(NamedTuple):
    """The spans of the text that are left of a line, and their characters."""

    spans: tuple[tuple[int, int], ...]
    text: str


def edits(text: str, *, faithful: bool) -> Iterator[Edit]:
    """Yield the edits that leave what DCLM's seven line modifiers leave, in their order; all of the text if it drops the page.

    White space around the whole text goes after each step but that of the lengths, as in the source. An empty line stays.
    """
    lines = _split(text)
    for keeps in (_few_capitals, _some_letter, _no_counter):
        lines = _stripped([line for line in lines if not line.text or keeps(line.text)])
    lines = [line for line in lines if not line.text or len(line.text.split()) >= MIN_WORDS]
    lines, lowered = _stripped(lines), text.lower()
    for words, phrase in (
        ("items in cart", _CART),
        ("read more", _READ_MORE_FAITHFUL if faithful else _READ_MORE),
        ("sign-in", _SIGN_IN),
    ):
        if words in lowered:  # on hardly a page
            lines = _stripped([left for line in lines if (left := _without(line, phrase)) is not None])
    yield from _edits(text, lines)


def _few_capitals(line: str) -> bool:
    return sum(map(str.isupper, line)) / len(line) <= MAX_UPPER


def _some_letter(line: str) -> bool:
    return sum(map(str.isdigit, line)) / len(line) <= MAX_DIGITS


def _no_counter(line: str) -> bool:
    return _COUNTER.search(line.lower()) is None


def _without(line: _Line, phrase: re.Pattern[str]) -> _Line | None:
    """Return a line without a phrase, if it is short; None if nothing but white space is left of it."""
    found = [match.span() for match in phrase.finditer(line.text)]
    if not found or len(line.text.split()) > SHORT:
        return None if line.text.isspace() else line
    kept = list(zip([0, *(end for _, end in found)], [*(start for start, _ in found), len(line.text)], strict=True))
    left = _Line(tuple(span for part in kept for span in _part(line, *part)), "".join(line.text[a:b] for a, b in kept))
    return left if left.text.strip() else None


def _part(line: _Line, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the text that are the characters start to end of a line."""
    at = 0
    for first, last in line.spans:
        a, b = max(start, at), min(end, at + last - first)
        if a < b:
            yield first + a - at, first + b - at
        at += last - first


def _split(text: str) -> list[_Line]:
    lines, start = [], 0
    for part in text.split("\n"):
        lines.append(_Line(((start, start + len(part)),) if part else (), part))
        start += len(part) + 1
    return lines


def _stripped(lines: list[_Line]) -> list[_Line]:
    """Return the lines without white space around them as a whole."""
    filled = [place for place, line in enumerate(lines) if line.text.strip()]
    if not filled:
        return []
    lines = lines[filled[0] : filled[-1] + 1]
    first = lines[0].text
    lines[0] = _cut(lines[0], len(first) - len(first.lstrip()), len(first))
    lines[-1] = _cut(lines[-1], 0, len(lines[-1].text.rstrip()))
    return lines


def _cut(line: _Line, start: int, end: int) -> _Line:
    return line if end - start == len(line.text) else _Line(tuple(_part(line, start, end)), line.text[start:end])


def _edits(text: str, lines: list[_Line]) -> Iterator[Edit]:
    """Yield what lies between the spans that stay; where lines part there, as many line breaks as there are lines."""
    done = breaks = 0
    for place, line in enumerate(lines):
        breaks += place > 0
        for start, end in line.spans:
            if text[done:start] != "\n" * breaks:
                yield Edit(done, start, "\n" * breaks, LINES)
            done, breaks = end, 0
    if text[done:] != "\n" * breaks:
        yield Edit(done, len(text), "\n" * breaks, LINES)
