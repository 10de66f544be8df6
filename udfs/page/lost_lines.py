"""Give an extractor's text back the lines and words that it lost within its own text, as the learned blocks have them.

An extractor drops a box, a word in a sentence, or the indentation of code by the name or class of an element. Where the lines before and
behind are in its text, what the blocks expect between them belongs there.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from itertools import accumulate

from udfs.page.flat_rows import with_rows
from udfs.words.normal_forms import composed

MIN_LETTERS = 8  # of a line that was lost; a shorter one may be a button or a number
MIN_POST = 60  # of one in a thread, where names and dates stand between the posts
MIN_COUNT = 3  # lines that count from 1 on: numbers of lines of code
MIN_LEAD = 60  # of a line before all that the text has
MIN_LEFT = 0.5  # of a line's letters, in the line that lost some
REACH = 50  # letters between two anchors for each letter of the second
ELSEWHERE = -1
SAME_END = 3  # letters that such a line begins or ends with as the whole one does
PIECE, PIECES = 6, 10  # letters of a piece, and pieces of a line, by which it is looked for in the text
MAX_LEFT = 0.5  # of a lost line's pieces, elsewhere in the text


def restored(text: str, expected: str, *, others: Collection[str] = (), least: int = MIN_LETTERS) -> str:
    """Return a text with what it lost between its own lines; a line that comes back has at least so many letters.

    1. A line whose words stand in the expected text in a row is an anchor for the expected lines that it covers.
    2. An expected line that is no anchor lies between two. If a line there is the same with words left out, it takes its place.
    3. If the text has its words nowhere, it was lost, and is put behind the anchor before it. Before the first anchor stand leads,
       and notices on cookies: there a line comes back if one of the `others`, the page's other texts, has it.
    4. Code whose lines were joined, or have lost their indentation or the empty lines between them, gets these; numbers of lines go.
       So do words that were joined, and rows of tables that were flattened.
    """
    wanted = expected.split("\n")
    lines = _uncounted(text.split("\n"), frozenset(wanted))
    owns, runs = _letters(lines), _letters(wanted)
    laid = with_rows(lines, owns, wanted, runs)
    if laid != lines:
        lines, owns = laid, _letters(laid)
    anchors = _anchors(owns, runs)
    placed = [place for place, anchor in enumerate(anchors) if anchor is not None and anchor != ELSEWHERE]
    if not placed:
        return text
    behind: dict[int, list[str]] = {}
    whole = "".join(owns)
    _lay_code(lines, owns, wanted, anchors)
    for line, run, anchor in zip(wanted, runs, anchors, strict=True):
        if anchor is not None and anchor != ELSEWHERE and owns[anchor] == run and _joined(lines[anchor], line):
            lines[anchor] = line
    for anchor, count in _empty_lines(wanted, anchors):
        behind[anchor] = [""] * count
    for place, (line, run) in enumerate(zip(wanted, runs, strict=True)):
        if anchors[place] is not None or len(run) < MIN_LETTERS or place > placed[-1]:
            continue
        at = bisect_right(placed, place)
        before = anchors[placed[at - 1]] if at else -1
        after = anchors[placed[at]]
        assert before is not None and after is not None
        between = range(before + 1, max(after, before + 1))
        damaged = next((spot for spot in between if _lost_words(owns[spot], run)), None)
        if damaged is not None:
            lines[damaged], owns[damaged] = line, run
        elif (
            len(run) >= (least if between.start else MIN_LEAD)
            and _is_new(run, whole)
            and (between.start or _stands_in(others, run))
        ):
            behind.setdefault(between.start - 1, []).append(line)
    return "\n".join(
        line for place in range(-1, len(lines)) for line in (*((lines[place],) if place >= 0 else ()), *behind.get(place, ()))
    )


def _anchors(owns: list[str], runs: list[str]) -> list[int | None]:
    """Return for each expected line the line of the text in which its words stand, in order.

    ELSEWHERE stands for a line whose words are there in another order, or are so few that they may be another line's; None for
    one that is not there, or has no words.
    """
    whole = "".join(owns)
    ends = list(accumulate(map(len, owns)))
    found: list[int | None] = []
    position = 0
    for run in runs:
        start = whole.find(run, position) if run else -1
        if start >= 0 and start - position <= REACH * len(run):
            position = start + len(run)
            found.append(bisect_right(ends, start))
        else:
            found.append(ELSEWHERE if run and (start >= 0 or run in whole) else None)
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
    empty = 0
    for line, anchor in zip(wanted, anchors, strict=True):
        if anchor is not None and anchor != ELSEWHERE:
            of_line = covered.setdefault(anchor, [])
            of_line += ["" for _ in range(empty if of_line else 0)] + [line]
        empty = 0 if line else empty + 1
    for anchor, of_line in covered.items():
        if any(line[:1] in (" ", "\t") for line in of_line):
            rest = owns[anchor].replace("".join(_letters(of_line)), "", 1)
            if not rest or rest.isdigit():
                lines[anchor] = "\n".join(of_line)


def _joined(line: str, expected: str) -> bool:
    """Say whether words that are apart in the expected line are joined in one without marks."""
    return len(line.split()) < len(expected.split()) and not expected.startswith(("|", "-"))


def _empty_lines(wanted: list[str], anchors: list[int | None]) -> Iterator[tuple[int, int]]:
    """Yield the lines of the text behind which empty ones are expected, and how many: the blocks' text has them in code alone."""
    last, count = ELSEWHERE, 0
    for line, anchor in zip(wanted, anchors, strict=True):
        if not line:
            count += 1
            continue
        here = ELSEWHERE if anchor is None else anchor
        if count and last != ELSEWHERE and here == last + 1:
            yield last, count
        last, count = here, 0


def _lost_words(own: str, run: str) -> bool:
    """Say whether a line is an expected one with some of its words left out."""
    if not MIN_LEFT * len(run) <= len(own) < len(run):
        return False
    return (own[:SAME_END] == run[:SAME_END] or own[-SAME_END:] == run[-SAME_END:]) and _is_within(own, run)


def _stands_in(texts: Collection[str], run: str) -> bool:
    return any(run in "".join(_letters(text.split("\n"))) for text in texts)


def _is_new(run: str, whole: str) -> bool:
    """Say whether a line's words stand nowhere in the text, by a few pieces of it."""
    places = range(0, max(len(run) - PIECE, 0) + 1, max(PIECE, len(run) // PIECES))
    return sum(run[place : place + PIECE] in whole for place in places) <= MAX_LEFT * len(places)


def _letters(lines: list[str]) -> list[str]:
    """Return each line without white space, bars and marks of items: quick to make, and the same for all extractors of one page."""
    text = composed("\n".join(lines))
    for sign in " \t\xa0|":
        text = text.replace(sign, "")
    return [line.lstrip("-#*•") for line in text.split("\n")]


def _is_within(short: str, long: str) -> bool:
    """Say whether the letters of one text stand in another in the same order."""
    rest = iter(long)
    return all(letter in rest for letter in short)
