"""How many documents of each outcome the map shows: in proportion, but never so few that a rare reason is not seen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

SPACE = 1 << 62  # hashes of ids are below it
FEWEST = 200  # of a reason, if there are as many


@dataclass(frozen=True)
class Stratum:
    """The documents with one stage, outcome and reason: how many there are, and how many the map shows."""

    stage: str
    outcome: str
    reason: str
    count: int
    shown: int = 0

    @property
    def bound(self) -> int:
        """Return the hash below which `shown` documents are sure to be found, but for one run in 10,000; a few more are."""
        if self.shown >= self.count:
            return SPACE
        wanted = self.shown + 4 * math.sqrt(self.shown) + 10
        return min(SPACE, int(SPACE * wanted / self.count))


def quotas(counts: Mapping[tuple[str, str, str], int], points: int) -> tuple[Stratum, ...]:
    """Share `points` among strata, largest first: all of a small one, FEWEST at least of each, the rest in proportion.

    With more reasons than points / FEWEST the least share is smaller. Never more than `points` in all.
    """
    strata = [Stratum(*key, count) for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count]
    whole = sum(one.count for one in strata)
    if whole <= points:
        return tuple(Stratum(one.stage, one.outcome, one.reason, one.count, one.count) for one in strata)
    fewest = min(FEWEST, points // (2 * len(strata)))
    least = [min(one.count, fewest) for one in strata]
    beyond = [one.count - few for one, few in zip(strata, least, strict=True)]
    left, rest = points - sum(least), sum(beyond)
    shown = [few + left * more // rest for few, more in zip(least, beyond, strict=True)]
    return tuple(Stratum(o.stage, o.outcome, o.reason, o.count, n) for o, n in zip(strata, shown, strict=True))
