"""A text without what a copy may change: case, punctuation, accents, and the many forms that Unicode has of one character."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from udfs.words.scripts import EVERYWHERE

Places = npt.NDArray[np.int64]
CodePoints = npt.NDArray[np.uint32]

_SPACE = 0x20
_PIECE = 1 << 16  # characters that are folded at once
_BEYOND = 0x20000  # below it each code point has an entry of the table; from it on ideographs share the last entry
_LAST_IDEOGRAPH = 0x33479
_ITSELF = 0xFFFFFFFF  # in the expansion of an ideograph: the ideograph
_DROPPED = ("Mn", "Me", "Cf")  # accents and vowel points, enclosing marks, soft hyphens and joiners
_UNSPACED = re.compile(f"[{EVERYWHERE}]")
_ASCII = bytes(ord(chr(code).lower()) if chr(code).isalnum() and code < 128 else _SPACE for code in range(256))


def folded(text: str) -> str:
    """Return a text as it is compared: words with spaces between, to be cut by `split()`.

    A word is a run of letters and digits; all else only stands between words. In scripts without spaces each character is a word.
    Folding is Unicode's compatibility decomposition, then upper case, then full case folding; so a dotless i is an i. Accents and
    invisible characters go. About 10 ns a character, and a fifth of it for ASCII.

    >>> folded("Don’t PANIC: cafe\\u0301, ﬁve ½ 水車").split()
    ['don', 't', 'panic', 'cafe', 'five', '1', '2', '水', '車']
    """
    if text.isascii():
        return text.encode("ascii").translate(_ASCII).decode("ascii")
    pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))  # of a long text arrays are large
    return "".join(_characters(_code_points(piece))[0].tobytes().decode("utf-32-le") for piece in pieces)


def word_spans(text: str) -> tuple[Places, Places]:
    """Return where each word of `folded(text).split()` begins and ends in the text; marks dropped at a word's end belong to it.

    >>> [part.tolist() for part in word_spans("cafe\\u0301, ½")]
    [[0, 7, 7], [5, 8, 8]]
    """
    words, origins = [np.zeros(1, bool)], [np.empty(0, np.int64)]
    for start in range(0, len(text), _PIECE):
        characters, found = _characters(_code_points(text[start : start + _PIECE]))
        words.append(characters != _SPACE)
        origins.append(start + (found if found is not None else np.arange(len(characters))))
    is_word, origin = np.concatenate((*words, np.zeros(1, bool))), np.concatenate(origins)
    first, last = np.flatnonzero(is_word[1:] & ~is_word[:-1]), np.flatnonzero(is_word[:-1] & ~is_word[1:]) - 1
    follows = np.append(origin, len(text))[last + 1]
    return origin[first], np.maximum(origin[last] + 1, follows)


def _code_points(text: str) -> CodePoints:
    given = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return (
        np.where(given > _LAST_IDEOGRAPH, np.uint32(_SPACE), given) if len(given) and given.max() > _LAST_IDEOGRAPH else given
    )


def _characters(given: CodePoints) -> tuple[CodePoints, Places | None]:
    """Return the folded characters, and of which character of the text each comes; None if each comes of its own."""
    table = _table()
    beyond = len(given) > 0 and int(given.max()) >= _BEYOND
    entries = np.minimum(given, np.uint32(_BEYOND)) if beyond else given
    if table.is_single[entries].all():
        return table.single[entries], None
    lengths = table.lengths[entries]
    origin = np.repeat(np.arange(len(given)), lengths)
    within = np.arange(len(origin)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    characters = table.expansions[table.offsets[entries[origin]] + within]
    return (np.where(characters == _ITSELF, given[origin], characters) if beyond else characters), origin


@dataclass(frozen=True)
class _Table:
    """Hold what each code point becomes: `lengths` characters of `expansions`; or, if that is one, the one of `single`."""

    is_single: npt.NDArray[np.bool_]
    single: CodePoints
    lengths: Places
    offsets: Places
    expansions: CodePoints


@lru_cache(maxsize=1)
def _table() -> _Table:
    """Make the table, once a process, in less than a second."""
    parts = [tuple(map(ord, _folded_character(chr(code)))) for code in range(_BEYOND)]
    parts.append((_SPACE, _ITSELF, _SPACE))
    lengths = np.array([len(part) for part in parts], np.int64)
    return _Table(
        is_single=lengths == 1,
        single=np.array([part[0] if part else 0 for part in parts], np.uint32),
        lengths=lengths,
        offsets=np.cumsum(lengths) - lengths,
        expansions=np.array([code for part in parts for code in part], np.uint32),
    )


def _folded_character(character: str) -> str:
    """Return what a character becomes: one, several or none; a space if it is no part of a word.

    >>> [_folded_character(c) for c in ("É", "ß", "²", "\\u0301", "Ａ", "_", "水")]
    ['e', 'ss', '2', '', 'a', ' ', ' 水 ']
    """
    if character.isascii():
        return character.lower() if character.isalnum() else " "
    category = unicodedata.category(character)
    if category == "Cs":
        return " "
    if category in _DROPPED:
        return ""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).upper().casefold())
    left = [c for c in apart if unicodedata.category(c) not in _DROPPED]
    cut = "".join((f" {c} " if _UNSPACED.match(c) else c) if unicodedata.category(c)[0] in "LNM" else " " for c in left)
    return cut or " "
