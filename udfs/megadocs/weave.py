"""Weave a page and the texts that a model wrote of it into one document, and take the page out of it again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import xxhash

from udfs.megadocs.cut import Span

Place = Literal["last", "first", "none"]


@dataclass(frozen=True)
class Piece:
    """One text of the input: the root that holds it, its id there, its number among those of its page, and what it says."""

    root: str
    id: str
    text: str
    nth: int = 0


@dataclass(frozen=True)
class Parent:
    """Say whose text stands at the characters [start, end) of a woven text."""

    root: str
    id: str
    start: int
    end: int


@dataclass(frozen=True)
class Woven:
    """A text made of others, and whose they are, in the order in which they stand."""

    text: str
    parents: tuple[Parent, ...]


def in_order(texts: Iterable[Piece], *, by: Literal["generation", "hash"], seed: int) -> list[Piece]:
    """Sort texts by their number, or by a hash of seed and id; ties go by id."""
    if by == "generation":
        return sorted(texts, key=lambda piece: (piece.nth, piece.id))
    return sorted(texts, key=lambda piece: (xxhash.xxh64_intdigest(f"{seed} {piece.id}".encode()), piece.id))


def stitched(page: Piece, texts: Sequence[Piece], *, real: Place, separator: str) -> Woven:
    """Join the texts in the order given, with the page last, first or nowhere."""
    pieces = {"last": [*texts, page], "first": [page, *texts], "none": list(texts)}[real]
    parts: list[str] = []
    parents: list[Parent] = []
    length = 0
    for number, piece in enumerate(pieces):
        if number:
            parts.append(separator)
            length += len(separator)
        parts.append(piece.text)
        parents.append(Parent(piece.root, piece.id, length, length + len(piece.text)))
        length += len(piece.text)
    return Woven("".join(parts), tuple(parents))


def stretched(page: Piece, thoughts: Mapping[int, Piece], *, spans: Sequence[Span], opening: str, closing: str) -> Woven:
    """Put thoughts between the pieces of a page, each in its markers; `spans` are the pieces, and thought n follows piece n.

    A gap without a thought has no markers either. A marker may stand in the page too: nothing looks for one, as the parents say where
    the page's pieces stand.
    """
    parts: list[str] = []
    parents: list[Parent] = []
    length = 0

    def add(text: str, whose: Piece | None) -> None:
        nonlocal length
        parts.append(text)
        if whose is not None:
            parents.append(Parent(whose.root, whose.id, length, length + len(text)))
        length += len(text)

    for gap, (start, end) in enumerate(spans):
        add(page.text[start:end], page)
        thought = thoughts.get(gap)
        if thought is not None:
            add(opening, None)
            add(thought.text, thought)
            add(closing, None)
    return Woven("".join(parts), tuple(parents))


def text_of(woven: Woven, id: str) -> str:
    """Return what stands in a woven text of the document with this id: of a page that was stretched, the page without the thoughts."""
    return "".join(woven.text[parent.start : parent.end] for parent in woven.parents if parent.id == id)
