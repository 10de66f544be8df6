"""What an audit says of its pairs: how much of a removed text is lost, and which copy was kept, by stratum and in all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.audit.examined import Pair, Side
from jobs.audit.removals import Stratum
from jobs.audit.shares import Share, share, whole

LITTLE = 0.05  # of the removed text's words
LEVEL = 0.01  # of the words of the longer text
LOSSES = ("nothing", "little", "much")
COPIES = ("better", "level", "worse")


def loss(pair: Pair) -> str | None:
    """Say whether the removed text had nothing, little or much that the kept one lacks; None for a pair without two texts.

    Little is at most LITTLE of its words.
    """
    removed = pair.removed
    if removed is None:
        return None
    return "nothing" if removed.lacked == 0 else "little" if removed.lacked <= LITTLE * removed.words else "much"


def copy(pair: Pair) -> str | None:
    """Say whether the better copy was kept, the worse one, or one as good as the other; None for a pair without two texts.

    The better copy is the one with more words, in lines that end as a sentence, that the other lacks. So menus and lists of links do
    not count, and neither does a passage that stands twice. A difference of at most LEVEL of the longer text's words is none.
    """
    if pair.removed is None or pair.kept is None:
        return None
    ahead = pair.kept.lacked_prose - pair.removed.lacked_prose
    if abs(ahead) <= LEVEL * max(pair.kept.words, pair.removed.words):
        return "level"
    return "better" if ahead > 0 else "worse"


@dataclass(frozen=True)
class Row:
    """Sum up a stratum, or all: its removals, the pairs that were compared, and the share of each loss and each copy."""

    name: str
    size: int
    compared: int
    losses: Mapping[str, Share]
    copies: Mapping[str, Share]


@dataclass(frozen=True)
class Audit:
    """Hold what the page shows: a row for all removals and one for each stratum, and the pairs of each, worst first."""

    recipe: str
    dump: str
    root: str
    made: str
    total: Row
    rows: Mapping[Stratum, Row]
    pairs: Mapping[Stratum, tuple[Pair, ...]]
    missing: Mapping[str, int]  # of the pairs without two texts, by why


def rows_of(sizes: Mapping[Stratum, int], pairs: Sequence[Pair]) -> tuple[Row, dict[Stratum, Row]]:
    """Sum up all strata, and each."""
    rows = {}
    for stratum, size in sizes.items():
        mine = [pair for pair in pairs if pair.removal.stratum == stratum and pair.removed is not None]
        # of those that cannot be compared nothing is known, so a stratum that has any is not known whole
        losses = {name: share(sum(loss(pair) == name for pair in mine), of=len(mine), size=size) for name in LOSSES}
        copies = {name: share(sum(copy(pair) == name for pair in mine), of=len(mine), size=size) for name in COPIES}
        rows[stratum] = Row(stratum.name, size, len(mine), losses, copies)
    total = Row(
        "all removals",
        sum(sizes.values()),
        sum(row.compared for row in rows.values()),
        {name: whole([(row.losses[name], row.size) for row in rows.values()]) for name in LOSSES},
        {name: whole([(row.copies[name], row.size) for row in rows.values()]) for name in COPIES},
    )
    return total, rows


def worst_first(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Sort pairs by the share of the removed text that is lost; those without two texts come last."""
    return tuple(sorted(pairs, key=lambda pair: (pair.removed is None, -lost_share(pair.removed), pair.removal.id)))


def lost_share(removed: Side | None) -> float:
    """Return the share of a text's words that the other lacks."""
    return removed.lacked / removed.words if removed is not None and removed.words else 0.0
