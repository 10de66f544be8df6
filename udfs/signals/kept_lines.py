"""Lines of a text that C4's rules keep, in either reading, and the edits that leave them and nothing else."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from udfs.edits.edit import Edit
from udfs.words.split import count_sentences

MAX_WORD_LENGTH = 1000  # characters
POLICY_PHRASES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
_CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]")


class Line(NamedTuple):
    """A line of the text without white space around it and without citations: the spans that are left of it, and its text."""

    spans: tuple[tuple[int, int], ...]
    text: str


class Rules(NamedTuple):
    """What the rules say of a text: the lines that stay and their sentences, how many lines go, and what the text has to go for."""

    kept: tuple[Line, ...]
    sentences: int
    dropped: int
    lorem_ipsum: bool
    curly_bracket: bool


def rules(text: str, *, may_stay: Callable[[str, str], bool]) -> Rules:
    """Apply the rules to every line that is not blank.

    `may_stay` is given the line without white space around it, and that without its citations too. It says whether the line's
    words and its end let it stay; in that the readings differ.
    """
    kept: list[Line] = []
    sentences = dropped = 0
    lorem_ipsum = curly_bracket = False
    for stripped, line in _lines(text):
        lowered = line.text.lower()
        stays = may_stay(stripped, line.text)
        # The order matters: the references give the page up at the first of these two that a line shows, "javascript" between.
        if stays and "lorem ipsum" in lowered:
            lorem_ipsum = True
        if not stays or "javascript" in lowered:
            dropped += 1
            continue
        if "{" in line.text:
            curly_bracket = True
        if any(map(lowered.__contains__, POLICY_PHRASES)):
            dropped += 1
            continue
        sentences += count_sentences(line.text)
        kept.append(line)
    return Rules(tuple(kept), sentences, dropped, lorem_ipsum, curly_bracket)


def _lines(text: str) -> Iterator[tuple[str, Line]]:
    """Yield the lines that are not blank: as they stand without white space around them, and cleaned."""
    offset = 0
    for raw in text.splitlines(keepends=True):
        stripped = raw.strip()
        if stripped:
            yield stripped, without_citations(stripped, offset + len(raw) - len(raw.lstrip()))
        offset += len(raw)


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
