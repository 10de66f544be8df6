"""A text as earlier edits leave it, from whose offsets there is a way back: what is found in it becomes edits of the original."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from udfs.edits.edit import Edit


class _Piece(NamedTuple):
    """Where characters of the edited text begin, and the span of the original that they are, or that they replace."""

    at: int
    start: int
    end: int
    replaced: bool


class EditedText:
    """Hold the text that edits (in order, without overlaps) leave, and find the original span of any span of it."""

    def __init__(self, original: str, edits: Sequence[Edit]) -> None:
        parts: list[str] = []
        self._pieces: list[_Piece] = []
        at = done = 0
        for edit in (*edits, Edit(len(original), len(original), "", "end")):
            for part, piece in (
                (original[done : edit.start], _Piece(at, done, edit.start, False)),
                (edit.replacement, _Piece(at + edit.start - done, edit.start, edit.end, True)),
            ):
                if part:
                    parts.append(part)
                    self._pieces.append(piece)
                    at += len(part)
            done = edit.end
        self.text = "".join(parts)
        self._ats = [piece.at for piece in self._pieces]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of the characters start to end, at least one, of the edited text.

        A character that a replacement brought stands for all that was replaced. What was deleted next to the span is not in it.
        """
        first, last = (self._pieces[bisect_right(self._ats, place) - 1] for place in (start, end - 1))
        return (
            first.start if first.replaced else first.start + start - first.at,
            last.end if last.replaced else last.start + end - last.at,
        )


def merged(layers: Iterable[Iterable[Edit]]) -> tuple[Edit, ...]:
    """Return the edits of all layers as one list, in order and without overlaps: where two meet, the later layer's is made.

    An edit of which a later one covers a part is made on what is left of it, so that a cut through an address leaves none of the
    address behind. The edits of one layer do not overlap.

    >>> merged([[Edit(5, 13, "email@example.com", "email")], [Edit(9, 20, "", "repeated_substring")]])[0]
    Edit(start=5, end=9, replacement='email@example.com', kind='email')
    """
    made: list[Edit] = []
    for layer in layers:
        made = _over(made, sorted(layer))
    return tuple(made)


def _over(under: list[Edit], cuts: list[Edit]) -> list[Edit]:
    """Return both, the first without what the second covers; both are sorted."""
    left: list[Edit] = []
    nearest = 0
    for edit in under:
        while nearest < len(cuts) and cuts[nearest].end <= edit.start:
            nearest += 1
        start, replacement = edit.start, edit.replacement
        for cut in _from(cuts, nearest, until=edit.end):
            if start < cut.start:
                left.append(Edit(start, cut.start, replacement, edit.kind))
                replacement = ""  # the first piece that is left carries it
            start = cut.end
        if start < edit.end:
            left.append(Edit(start, edit.end, replacement, edit.kind))
    return sorted([*left, *cuts])


def _from(cuts: list[Edit], place: int, *, until: int) -> Iterable[Edit]:
    while place < len(cuts) and cuts[place].start < until:
        yield cuts[place]
        place += 1
