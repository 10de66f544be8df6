"""Decide which part of which document stands where in sequences of one length: best fit, or concatenate and cut.

A decision needs lengths alone, so a buffer of half a million documents costs some tens of megabytes, whatever their tokens weigh.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Method = Literal["best_fit", "concatenate"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Place tokens start to end of a document at `at` in a sequence; `document` and `sequence` count from 0 in their buffer."""

    document: int
    start: int
    end: int
    sequence: int
    at: int

    @property
    def length(self) -> int:
        """Return how many tokens the piece has."""
        return self.end - self.start


def pack(lengths: Sequence[int], *, sequence_length: int, method: Method) -> list[Piece]:
    """Return the pieces of documents of these lengths, by sequence and place; every token stands in one of them.

    The order of the documents decides ties, so a caller sorts them by a hash first. A document without tokens has no piece.
    """
    make = best_fit if method == "best_fit" else concatenate
    return sorted(make(lengths, sequence_length), key=lambda piece: (piece.sequence, piece.at))


def concatenate(lengths: Sequence[int], sequence_length: int) -> Iterator[Piece]:
    """Yield the pieces of documents that stand one after another, cut wherever a sequence ends."""
    at = 0
    for document, length in enumerate(lengths):
        start = 0
        while start < length:
            sequence, place = divmod(at, sequence_length)
            end = min(length, start + sequence_length - place)
            yield Piece(document, start, end, sequence, place)
            at += end - start
            start = end


def best_fit(lengths: Sequence[int], sequence_length: int) -> Iterator[Piece]:
    """Yield the pieces of documents packed by best-fit decreasing (Ding et al. 2024, arXiv 2404.10830, section 3).

    1. A document longer than a sequence gives as many whole sequences as it can. Only what is left of it is packed.
    2. The rest goes, longest first, into the fullest sequence that it fits into, or else into a new one.
    No document is cut that fits into a sequence, a longer one is cut as seldom as can be, and no token is left out.
    """
    rest: list[tuple[int, int, int]] = []
    sequence = 0
    for document, length in enumerate(lengths):
        start = 0
        while length - start >= sequence_length:
            yield Piece(document, start, start + sequence_length, sequence, 0)
            sequence, start = sequence + 1, start + sequence_length
        if start < length:
            rest.append((start - length, document, start))
    gaps = Gaps(sequence_length)
    for negative, document, start in sorted(rest):
        length = -negative
        found = gaps.take(length)
        if found is None:
            found, sequence = (sequence, sequence_length), sequence + 1
        place, gap = found
        yield Piece(document, start, start + length, place, sequence_length - gap)
        gaps.give(place, gap - length)


class Gaps:
    """Keep sequences by the room that they have left.

    The sizes of gaps that there are stand as bits of one number. So the least gap that is large enough is found by a shift, and by
    the lowest bit: some hundred nanoseconds for sequences of thousands of tokens, where a search tree takes some microseconds.
    """

    def __init__(self, largest: int) -> None:
        self._by_size: list[list[int]] = [[] for _ in range(largest + 1)]
        self._sizes = 0

    def take(self, length: int) -> tuple[int, int] | None:
        """Take out the sequence with the least gap of at least this length, the latest of several; return it with its gap."""
        larger = self._sizes >> length
        if not larger:
            return None
        gap = length + (larger & -larger).bit_length() - 1
        place = self._by_size[gap].pop()
        if not self._by_size[gap]:
            self._sizes ^= 1 << gap
        return place, gap

    def give(self, sequence: int, gap: int) -> None:
        """Put in a sequence with the room that it has left; a full one is forgotten."""
        if gap:
            self._by_size[gap].append(sequence)
            self._sizes |= 1 << gap
