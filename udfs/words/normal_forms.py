"""Unicode's normal forms in linear time: Python sorts a run of combining marks by insertion, so a page of marks costs it minutes."""

import unicodedata
from itertools import groupby

import regex

_LONG_RUN = regex.compile(r"\p{M}{64,}+")  # no real word has so many marks


def decomposed(text: str) -> str:
    """Return the canonical decomposition, as `unicodedata.normalize("NFD", text)` does.

    >>> decomposed("\\u00e9") == "e\\u0301"
    True
    """
    if text.isascii():
        return text
    done, parts = 0, []
    for run in _LONG_RUN.finditer(text):
        base = max(done, run.start() - 1)  # the character that the marks stand on: it may have marks of its own
        parts += [unicodedata.normalize("NFD", text[done:base]), _sorted(text[base : run.end()])]
        done = run.end()
    return "".join([*parts, unicodedata.normalize("NFD", text[done:])])


def composed(text: str) -> str:
    """Return the canonical composition, as `unicodedata.normalize("NFC", text)` does.

    >>> composed("e\\u0301") == "\\u00e9"
    True
    """
    long = not text.isascii() and _LONG_RUN.search(text) is not None
    return unicodedata.normalize("NFC", decomposed(text) if long else text)


def _sorted(run: str) -> str:
    """Decompose each character of a run, and sort marks between those of class 0 by their class, equal ones in their order."""
    apart = "".join(unicodedata.normalize("NFD", char) for char in run)
    groups = groupby(apart, key=lambda char: unicodedata.combining(char) == 0)
    return "".join("".join(group if base else sorted(group, key=unicodedata.combining)) for base, group in groups)
