"""Which characters go with words that are cut: the punctuation after them, and the white space on one side."""

import unicodedata
from collections.abc import Iterable

Spans = list[tuple[int, int]]


def cut_spans(text: str, spans: Iterable[tuple[int, int]]) -> Spans:
    """Return the spans to cut so that these spans of words go, in order and apart.

    Marks that follow the last word without a space go along. So does the white space before; or that after, where the span begins the
    text, or begins a line and ends within one, so that lines stay lines.

    >>> text = "Read on.\\nWhat is it? A mill."
    >>> cut_spans(text, [(9, 19)])
    [(9, 21)]
    """
    cut: Spans = []
    for first, last in spans:
        start, end = _around(text, first, last)
        cut[-1:] = [(cut[-1][0], max(end, cut[-1][1]))] if cut and start <= cut[-1][1] else [*cut[-1:], (start, end)]
    return cut


def _is_of_a_word(character: str) -> bool:
    """Say whether a character is a letter, a digit, or a vowel sign, which is a word of its own in scripts without spaces."""
    return character.isalnum() or unicodedata.category(character) == "Mc"


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    while end < len(text) and not text[end].isspace() and not _is_of_a_word(text[end]):
        end += 1
    before, after = start, end
    while before and text[before - 1].isspace():
        before -= 1
    while after < len(text) and text[after].isspace():
        after += 1
    begins_line = "\n" in text[before:start] and "\n" not in text[end:after] and after < len(text)
    return (start if begins_line else 0, after) if not before or begins_line else (before, end)
