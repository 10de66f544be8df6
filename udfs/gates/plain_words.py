"""The words of a text as comparisons take them: runs of letters and digits, case folded; and runs of n of them."""

import re
from functools import lru_cache

KEPT = 8  # texts: a page, its answer, its claims and the prompt are asked for their words several times each

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@lru_cache(maxsize=KEPT)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text in order.

    >>> words("Don’t SELL 3.5 kg!")
    ("don't", 'sell', '3', '5', 'kg')
    """
    return tuple(word.casefold().replace("’", "'") for word in _WORD.findall(text))


def runs(text: str, length: int) -> list[tuple[str, ...]]:
    """Return every run of `length` words, in order, repeated ones each time."""
    found = words(text)
    return [found[start : start + length] for start in range(len(found) - length + 1)]
