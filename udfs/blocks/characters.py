"""Count kinds of characters over a whole text at once, by a table that the model brings along."""

import numpy as np

# One 64-bit sum counts four kinds of characters in fields of sixteen bits: sums of integers do not mix below 65,536 a block.
KINDS = (
    ("word", "visible", "upper", "digit"),
    ("stop", "comma", "unspaced", "currency"),
    ("symbol", "bracket", "at", "lower"),
)
FIELD_BITS = 16
BITS = {name: 1 << place for place, name in enumerate(name for group in KINDS for name in group)}
TABLE_SIZE = 1 << 16  # characters beyond are stood for by one of three inside
_HAN, _ARROW, _LETTER = 0x4E00, 0x2192, 0x0430


def lookup(bits: np.ndarray) -> np.ndarray:
    """Spread a table of bits a character into tables of packed counters, one row a group of KINDS."""
    rows = []
    for group in KINDS:
        row = np.zeros(TABLE_SIZE, dtype=np.int64)
        for field, name in enumerate(group):
            row += ((bits & BITS[name]) != 0).astype(np.int64) << (FIELD_BITS * field)
        rows.append(row)
    return np.stack(rows)


def within_table(codes: np.ndarray) -> np.ndarray:
    """Replace characters beyond the table: ideographs, symbols and letters by one of their kind."""
    if len(codes) == 0 or int(codes.max()) < TABLE_SIZE:
        return codes
    symbols = np.where((codes >= 0x1F000) & (codes < 0x1FB00), np.uint32(_ARROW), np.uint32(_LETTER))
    return np.where(codes < TABLE_SIZE, codes, np.where(codes >= 0x20000, np.uint32(_HAN), symbols))


def counts_between(kinds: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return packed counts of the characters between each bound and the next: shape (groups, bounds - 1).

    `kinds` has a row a group of KINDS, with the packed counter of every character.
    """
    counts = np.zeros((len(kinds), kinds.shape[1] + 1), dtype=np.int64)
    np.cumsum(kinds, axis=1, out=counts[:, 1:])
    return np.diff(counts[:, bounds], axis=1)


def unpack(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Split packed counts (groups, n) into one int64 array of n counts a kind."""
    mask = (1 << FIELD_BITS) - 1
    return {
        name: (sums[row] >> (FIELD_BITS * field)) & mask for row, group in enumerate(KINDS) for field, name in enumerate(group)
    }
