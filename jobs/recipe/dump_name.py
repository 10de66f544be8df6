"""Which names a dump may have: it is the name of a folder, `dump=NAME`, of which every reader of the corpus guesses a type."""

import re

_LETTERS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_NUMBER = re.compile(r"[0-9_]+(\.[0-9_]*)?([eE][+-]?[0-9_]+)?[dDfFlLnN]?|0[xX][0-9A-Fa-f_.]+([pP][+-]?[0-9]+)?|0[oObB][0-7_]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2}([T_. -].*)?)?Z?")
_WORDS = ("true", "false", "null", "none", "nan", "inf", "infinity", "nat", "na")
LONGEST = 200  # a folder's name has at most 255 bytes


def check_dump(name: str) -> str:
    """Return the name of a dump; raise ValueError if no folder can have it, or if readers would take it for a value of another type.

    pyarrow reads `dump=007` as the number 7; Spark and DuckDB also guess fractions, dates and times, pandas and polars more.

    >>> check_dump("CC-MAIN-2026-43")
    'CC-MAIN-2026-43'
    >>> check_dump("1e5")
    Traceback (most recent call last):
      ...
    ValueError: readers of the corpus would take dump=1e5 for a number, since a folder has no type. Give it a letter, such as dump-1e5
    """
    if not _LETTERS.fullmatch(name) or len(name) > LONGEST:
        raise ValueError(
            f"it names a folder of the corpus, so it begins with a letter or digit, goes on with those, '_', '.' or '-', and has at most "
            f"{LONGEST} characters"
        )
    kind = _kind(name)
    if kind is not None:
        raise ValueError(
            f"readers of the corpus would take dump={name} for {kind}, since a folder has no type. Give it a letter, such as dump-{name}"
        )
    return name


def _kind(name: str) -> str | None:
    if _NUMBER.fullmatch(name):
        return "a number"
    if _DATE.fullmatch(name):
        return "a date"
    return "a value of another type" if name.lower() in _WORDS else None
