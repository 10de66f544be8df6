"""Give an extractor's text back the lines and words that it lost within its own text, as the learned blocks have them.

An extractor drops a box, a word in a sentence, or the indentation of code by the name or class of an element. Where the lines before and
behind are in its text, what the blocks expect between them belongs there.
"""

from bisect import bisect_right
from itertools import accumulate

from udfs.page.line_layout import words_of

MIN_LETTERS = 8  # of a line that was lost; a shorter one may be a button or a number
MIN_COUNT = 3  # lines that count from 1 on: numbers of lines of code
MIN_LEAD = 60  # of a line before all that the text has
MIN_LEFT = 0.5  # of a line's letters, in the line that lost some
MAX_LEFT = 0.5  # of a lost line's words, elsewhere around its place


def restored(text: str, expected: str) -> str:
    """Return a text with what it lost between its own lines.

    1. A line whose words stand in the expected text in a row is an anchor for the expected lines that it covers.
    2. An expected line that is no anchor lies between two. If a line there is the same with words left out, it takes its place.
    3. If nothing there has its words, it was lost, and is put behind the anchor before it.
    4. Code whose lines were joined, or have lost their indentation, gets both; numbers of lines go.
    """
    wanted = expected.split("\n")
    lines = _uncounted(text.split("\n"), frozenset(wanted))
    owns, runs = [words_of(line) for line in lines], [words_of(line) for line in wanted]
    anchors = _anchors(owns, runs)
    placed = [place for place, anchor in enumerate(anchors) if anchor is not None]
    if not placed:
        return text
    behind: dict[int, list[str]] = {}
    _lay_code(lines, owns, wanted, anchors)
    for place, (line, run) in enumerate(zip(wanted, runs, strict=True)):
        if anchors[place] is not None or len(run) < MIN_LETTERS or place > placed[-1]:
            continue
        at = bisect_right(placed, place)
        before = anchors[placed[at - 1]] if at else -1
        after = anchors[placed[at]]
        assert before is not None and after is not None
        _mend(lines, owns, line, run, range(before + 1, max(after, before + 1)), behind)
    return "\n".join(
        line for place in range(-1, len(lines)) for line in (*((lines[place],) if place >= 0 else ()), *behind.get(place, ()))
    )


def _anchors(owns: list[str], runs: list[str]) -> list[int | None]:
    """Return for each expected line the line of the text in which its words stand, in order; None if there is none, or no words."""
    whole = "".join(owns)
    ends = list(accumulate(map(len, owns)))
    found: list[int | None] = []
    position = 0
    for run in runs:
        start = whole.find(run, position) if run else -1
        if start < 0:
            found.append(None)
            continue
        position = start + len(run)
        found.append(bisect_right(ends, start))
    return found


def _uncounted(lines: list[str], wanted: frozenset[str]) -> list[str]:
    """Leave out lines that count from 1 on, unless they are expected."""
    if "1" not in lines or "1" in wanted:
        return lines
    kept: list[str] = []
    count = 0
    for line in lines:
        count = count + 1 if line == str(count + 1) else int(line == "1")
        kept.append(line)
        if count == MIN_COUNT:
            del kept[-count:]
        elif count > MIN_COUNT:
            kept.pop()
    return kept


def _lay_code(lines: list[str], owns: list[str], wanted: list[str], anchors: list[int | None]) -> None:
    """Lay a line out as the expected lines that it covers, if one of those is indented and the rest of it are numbers."""
    covered: dict[int, list[str]] = {}
    for line, anchor in zip(wanted, anchors, strict=True):
        if anchor is not None:
            covered.setdefault(anchor, []).append(line)
    for anchor, of_line in covered.items():
        if any(line[:1] in (" ", "\t") for line in of_line):
            rest = owns[anchor].replace("".join(map(words_of, of_line)), "", 1)
            if not rest or rest.isdigit():
                lines[anchor] = "\n".join(of_line)


def _mend(lines: list[str], owns: list[str], line: str, run: str, between: range, behind: dict[int, list[str]]) -> None:
    """Put an expected line in the place of the line that lost some of its words, or behind the anchor if it was lost."""
    for place in between:
        own = owns[place]
        if MIN_LEFT * len(run) <= len(own) < len(run) and _is_within(own, run):
            lines[place], owns[place] = line, run
            return
    if between.start == 0 and len(run) < MIN_LEAD:
        return
    words = set(line.split())
    there = {word for place in between for word in lines[place].split()}
    if len(words & there) <= MAX_LEFT * len(words):
        behind.setdefault(between.start - 1, []).append(line)


def _is_within(short: str, long: str) -> bool:
    """Say whether the letters of one text stand in another in the same order."""
    rest = iter(long)
    return all(letter in rest for letter in short)
