"""Lists of bad words and of stop words by language, one copy a worker process."""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from udfs.models.list_file import ListFile, entries

UNSPACED = ("ja", "th", "zh")  # C4 asks for no word's edge in these


@lru_cache(maxsize=64)
def words_of(file: ListFile) -> frozenset[str]:
    """Return the words of a list, in lower case, read once a process. Raises ModelError."""
    return frozenset(word.lower() for word in entries(file))


def words_for(files: Iterable[ListFile], *, kind: str, language: str | None) -> Collection[str] | None:
    """Return the words of the lists of a kind that are for a language or for every one; None if the recipe has no list of the kind."""
    mine = [file for file in files if file.kind == kind]
    if not mine:
        return None
    chosen = [words_of(file) for file in mine if file.language in (None, language)]
    return chosen[0] if len(chosen) == 1 else frozenset().union(*chosen)


def found_words(text: str, words: Iterable[str], *, language: str | None) -> int:
    """Count the different words that stand in a text in lower case, between characters that are in no word.

    In Japanese, Thai and Chinese they may stand anywhere. Source: tensorflow/datasets c4_utils.py, get_badwords_filter_fn.

    >>> found_words("a mill, by the mills", ["mill", "mil", "by the"], language="en")
    2
    """
    there = [word for word in words if word in text]
    if language in UNSPACED:
        return len(there)
    return sum(_alone(word).search(text) is not None for word in there)


@lru_cache(maxsize=1 << 12)
def _alone(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?:\W|^){re.escape(word)}(?:\W|$)")
