"""How many tokens a document of a corpus has: what its column says, or what a tokenizer makes of its text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from udfs.documents.file_row import Row
from udfs.signals.tokens import token_count
from udfs.tokens.encoders import open_encoder
from udfs.tokens.vocabulary import Vocabulary

COUNTED = "token_count"  # what annotate counted, GPT-2's tokens
MOST = 2.0**53  # beyond it a float has no whole numbers of its own
Count = Callable[[Sequence[Row]], list[int]]
"""Documents to the tokens of each."""


@dataclass(frozen=True)
class Counter:
    """Count by a tokenizer, with so many special tokens around each text; without one by the column, or as annotate counts."""

    vocabulary: Vocabulary | None = None
    special: int = 0

    def open(self) -> Count:
        """Load the tokenizer and return what counts."""
        if self.vocabulary is None:
            return lambda rows: [_by_column(row) for row in rows]
        encode = open_encoder(self.vocabulary, "definition")

        def count(rows: Sequence[Row]) -> list[int]:
            _, offsets = encode([row["text"] for row in rows])
            lengths = np.diff(offsets)
            found: list[int] = (lengths + (lengths > 0) * self.special).tolist()
            return found

        return count


def _by_column(row: Row) -> int:
    """Return the count that the corpus has of a document; one without is counted as annotate counts."""
    found = whole_number(dict(row["carried"] or ()).get(COUNTED))
    return token_count(row["text"]) if found is None else found


def whole_number(value: str | None) -> int | None:
    """Return a number that a corpus has as text, if it is whole and not negative.

    >>> whole_number("12"), whole_number("12.0"), whole_number("-1"), whole_number("inf"), whole_number(None)
    (12, 12, None, None, None)
    """
    try:
        number = float(value) if value is not None else -1.0
    except ValueError:
        return None
    return int(number) if 0 <= number < MOST and number.is_integer() else None
