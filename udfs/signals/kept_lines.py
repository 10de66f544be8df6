"""Lines of a text that C4's rules keep, in either reading, and the edits that leave them and nothing else."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from udfs.edits.edit import Edit

_CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]")


class Line(NamedTuple):
    """A line of the text without white space around it and without citations: the spans that are left of it, and its text."""

    spans: tuple[tuple[int, int], ...]
    text: str


def without_citations(stripped: str, start: int) -> Line:
    """Return the line that a stripped piece of a text is; `start` is where it begins."""
    if "[" not in stripped:
        return Line(((start, start + len(stripped)),), stripped)
    spans: list[tuple[int, int]] = []
    done = 0
    for citation in _CITATION.finditer(stripped):
        spans.append((start + done, start + citation.start()))
        done = citation.end()
    spans.append((start + done, start + len(stripped)))
    return Line(tuple(span for span in spans if span[0] < span[1]), _CITATION.sub("", stripped))


def edits_for(text: str, kept: Sequence[Line], *, kind: str) -> Iterator[Edit]:
    """Yield what lies between the spans that stay; where two of them are of different lines, as one line break."""
    spans = [(start, end, place) for place, line in enumerate(kept) for start, end in line.spans]
    # The whole is stripped last, and citations leave white space behind: spans of nothing else go from both ends.
    filled = [number for number, (start, end, _) in enumerate(spans) if not text[start:end].isspace()]
    spans = spans[filled[0] : filled[-1] + 1] if filled else []
    done, last_place = 0, None
    for start, end, place in spans:
        if last_place is None:
            start = end - len(text[start:end].lstrip())
        between = "\n" if last_place is not None and place != last_place else ""
        if text[done:start] != between:
            yield Edit(done, start, between, kind)
        done, last_place = end, place
    if spans:
        start, end, _ = spans[-1]
        done = start + len(text[start:end].rstrip())
    if done < len(text):
        yield Edit(done, len(text), "", kind)
