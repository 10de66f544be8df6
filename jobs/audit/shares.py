"""Shares of a stratified sample, with intervals: of each stratum Wilson's, of all strata together what follows from those."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Z = 1.96  # of the normal distribution: 19 of 20 intervals hold the true share


@dataclass(frozen=True)
class Share:
    """A share between 0 and 1, and the interval that it lies in; `found` of `of` were counted."""

    found: int
    of: int
    value: float
    low: float
    high: float


def share(found: int, *, of: int, size: int) -> Share:
    """Return the share of a stratum of `size` members, `of` of which were looked at (Wilson 1927, no continuity correction).

    A stratum that was looked at whole has no interval: its share is known. One of which nothing was looked at may have any share.

    >>> share(0, of=10, size=1000), share(3, of=3, size=3)
    (Share(found=0, of=10, value=0.0, low=0.0, high=0.2775...), Share(found=3, of=3, value=1.0, low=1.0, high=1.0))
    """
    if of == 0:
        return Share(0, 0, 0.0, 0.0, 1.0)
    p = found / of
    if of >= size:
        return Share(found, of, p, p, p)
    middle, spread = p + Z * Z / (2 * of), Z * sqrt(p * (1 - p) / of + Z * Z / (4 * of * of))
    low, high = (middle - spread) / (1 + Z * Z / of), (middle + spread) / (1 + Z * Z / of)
    return Share(found, of, p, 0.0 if found == 0 else max(0.0, low), 1.0 if found == of else min(1.0, high))


def whole(parts: Sequence[tuple[Share, int]]) -> Share:
    """Return the share of all strata together, each weighed by its size.

    The interval squares and adds what each stratum's own leaves open (MOVER; Zou and Donner 2008, Statistics in Medicine 27).
    """
    total = sum(size for _, size in parts) or 1
    value = sum(part.value * size for part, size in parts) / total
    below = sqrt(sum(((part.value - part.low) * size / total) ** 2 for part, size in parts))
    above = sqrt(sum(((part.high - part.value) * size / total) ** 2 for part, size in parts))
    found, of = sum(part.found for part, _ in parts), sum(part.of for part, _ in parts)
    return Share(found, of, value, max(0.0, value - below), min(1.0, value + above))


def quotas(sizes: Sequence[int], n: int) -> list[int]:
    """Divide n among strata: to each the same, and what a small one cannot use to the others.

    >>> quotas([1_000_000, 3, 500], 103), quotas([2, 2], 100), quotas([9, 9, 9], 2)
    ([50, 3, 50], [2, 2], [1, 1, 0])
    """
    given = [0] * len(sizes)
    left = n
    for place, at in enumerate(sorted(range(len(sizes)), key=lambda at: sizes[at])):
        given[at] = min(sizes[at], -(-left // (len(sizes) - place)))
        left -= given[at]
    return given
