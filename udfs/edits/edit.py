"""Changes to a text as data (where, what instead, why), so that a text is measured once and rewritten only when published."""

from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """Replace the characters start to end (code points of the original text, end exclusive) by the replacement.

    `kind` says which idea asked for it: c4_lines, c4_reference_lines, refinedweb_line, email, ip.
    """

    start: int
    end: int
    replacement: str
    kind: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with the edits made, whatever the order in which they come.

    Where edits overlap, the one that starts first, then the longest, is made and every other that touches a character of
    it is void; among equal spans the first by kind, then by replacement, is made. Raises ValueError for an edit that
    covers no character of the text.

    >>> apply("mail me@x.org now", [Edit(5, 13, "email@example.com", "email")])
    'mail email@example.com now'
    """
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end, edit.kind, edit.replacement)):
        if not 0 <= edit.start < edit.end <= len(text):
            raise ValueError(
                f"edit {edit.kind} of [{edit.start}, {edit.end}) does not fit a text of {len(text)} characters: the edits "
                "were measured on another text, and applying them would garble this one; run annotate again for its document"
            )
        if edit.start < done:
            continue
        parts += (text[done : edit.start], edit.replacement)
        done = edit.end
    return "".join((*parts, text[done:]))
