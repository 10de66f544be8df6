"""Lay rows of tables out again that an extractor flattened, as the learned blocks have them."""

from collections.abc import Sequence

MIN_LETTERS = 8  # of a row, unless it follows right after another
REACH = 50  # letters between a row and what stands before it, for each letter of the row
_ROW, _RULE = "|", "|-"


def with_rows(lines: Sequence[str], owns: Sequence[str], wanted: Sequence[str], runs: Sequence[str]) -> list[str]:
    """Return the lines of a text with each expected row in place of the lines that hold its cells, in order.

    `owns` and `runs` are the letters of the lines and of those that are `wanted`. The rule of dashes comes with the row above it.
    """
    if not any(line.startswith(_ROW) for line in wanted):
        return list(lines)
    whole = "".join(owns)
    begins, ends, length = {}, {}, 0
    for place, own in enumerate(owns):
        if own:
            begins[length] = place
            length += len(own)
            ends[length] = place
    laid: dict[int, tuple[int, list[str]]] = {}  # by the first line that a row replaces: the last, and the new lines
    position, follows, before = 0, False, -1
    for place, (line, run) in enumerate(zip(wanted, runs, strict=True)):
        at = whole.find(run, position) if run else -1
        if at < 0 or at - position > REACH * len(run):
            follows &= not run
            continue
        first, last = begins.get(at), ends.get(at + len(run))
        near = len(run) >= MIN_LETTERS or (follows and at == position)
        follows = line.startswith(_ROW) and first is not None and last is not None and near
        position = at + len(run)
        if follows and first is not None and last is not None and not lines[first].startswith(_ROW):
            rule = wanted[place + 1 : place + 2]
            if before in laid and not any(lines[laid[before][0] + 1 : first]):
                laid[before] = first - 1, laid[before][1]
            before = first
            laid[first] = last, [line, *(rule if rule and rule[0].startswith(_RULE) else ())]
    made: list[str] = []
    place = 0
    while place < len(lines):
        last, new = laid.get(place, (place, [lines[place]]))
        made += new
        place = last + 1
    return made
