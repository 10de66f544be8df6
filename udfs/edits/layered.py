"""A text that is cut in several steps, each on what the last one left; all of it becomes one list of edits of the original."""

from collections.abc import Iterable

from udfs.edits.edit import Edit
from udfs.edits.edited_text import EditedText, merged


class Layered:
    """Hold the text as the steps so far leave it, and the edits that make it.

    >>> page = Layered("one two three")
    >>> page.cut([Edit(0, 4, "", "first")])
    >>> page.cut([Edit(0, 4, "", "second")])  # "two ", as an offset into what the first step left
    >>> page.text, [(edit.start, edit.end, edit.kind) for edit in page.edits]
    ('three', [(0, 4, 'first'), (4, 8, 'second')])
    """

    def __init__(self, text: str) -> None:
        self.original = self.text = text
        self.edits: tuple[Edit, ...] = ()

    def cut(self, edits: Iterable[Edit]) -> None:
        """Make edits, given as offsets into the present text, in order and without overlaps."""
        new = list(edits)
        if not new:
            return
        before = EditedText(self.original, self.edits)
        moved = [Edit(*before.original(edit.start, edit.end), edit.replacement, edit.kind) for edit in new]
        self.edits = merged([self.edits, moved])
        self.text = EditedText(self.original, self.edits).text
