"""Count kinds of characters over a whole text at once, by a table that the model brings along."""

from dataclasses import dataclass

import numpy as np

# One 64-bit sum counts four kinds of characters in fields of sixteen bits: sums of integers do not mix below 65,536 a block.
KINDS = (
    ("word", "visible", "upper", "digit"),
    ("stop", "comma", "unspaced", "currency"),
    ("symbol", "bracket", "at", "lower"),
)
FIELD_BITS = 16
NAMES = tuple(name for group in KINDS for name in group)
BITS = {name: 1 << place for place, name in enumerate(NAMES)}
_SHIFTS = np.arange(0, 64, FIELD_BITS)[:, None]
_FIELD = (1 << FIELD_BITS) - 1
TABLE_SIZE = 1 << 16  # characters beyond are stood for by one of three inside
_HAN, _ARROW, _LETTER = 0x4E00, 0x2192, 0x0430


@dataclass(frozen=True)
class CharacterTable:
    """The class of every character of the basic plane, and what the classes count as."""

    classes: np.ndarray  # uint8, TABLE_SIZE
    counters: np.ndarray  # int64, (groups, classes): packed counters
    is_word: np.ndarray  # bool, one a class
    is_visible: np.ndarray


def character_table(bits: np.ndarray) -> CharacterTable:
    """Make the table from bits a character, as BITS names them."""
    kinds, classes = np.unique(bits, return_inverse=True)
    counters = np.zeros((len(KINDS), len(kinds)), dtype=np.int64)
    for row, group in enumerate(KINDS):
        for field, name in enumerate(group):
            counters[row] += ((kinds & BITS[name]) != 0).astype(np.int64) << (FIELD_BITS * field)
    seen = [(kinds & BITS[name]) != 0 for name in ("word", "visible")]
    return CharacterTable(classes.astype(np.uint8), counters, *seen)


def codes_of(text: str) -> np.ndarray:
    """Return a text's code points, those beyond the table replaced by one of their kind."""
    return within_table(np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32))


def within_table(codes: np.ndarray) -> np.ndarray:
    """Replace characters beyond the table: ideographs, symbols and letters by one of their kind."""
    if len(codes) == 0 or int(codes.max()) < TABLE_SIZE:
        return codes
    symbols = np.where((codes >= 0x1F000) & (codes < 0x1FB00), np.uint32(_ARROW), np.uint32(_LETTER))
    return np.where(codes < TABLE_SIZE, codes, np.where(codes >= 0x20000, np.uint32(_HAN), symbols))


def counts_between(table: CharacterTable, classes: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return packed counts of the characters between each bound and the next: shape (groups, bounds - 1).

    Bounds rise, and the last is the end of the text.
    """
    return np.stack([np.add.reduceat(counters[classes], bounds[:-1]) for counters in table.counters])


def hold_words(sums: np.ndarray) -> np.ndarray:
    """Say which of the packed counts have a character of a word: the first field of the first row."""
    held: np.ndarray = (sums[0] & _FIELD) > 0
    return held


def unpack(sums: np.ndarray) -> np.ndarray:
    """Split packed counts (groups, n) into one row of n counts a kind, in the order of NAMES."""
    return ((sums[:, None] >> _SHIFTS) & _FIELD).reshape(len(NAMES), -1)
