"""Join the byte spans of chosen records into ranges worth a request each, so that near records share one."""

from collections.abc import Iterable

Span = tuple[int, int]  # offset and length, as an index of records has them
Range = tuple[int, int]  # first byte, and the byte after the last


def coalesce(spans: Iterable[Span], *, gap: int) -> list[Range]:
    """Return the fewest ranges that hold every span, in order, none of them `gap` bytes or nearer to the next.

    Each gap is decided alone (read through, or ask anew), so the greedy pass is the best one. A file of `size` bytes never
    takes more than 1 + size / gap requests.

    >>> coalesce([(100, 50), (0, 40), (160, 40)], gap=10)
    [(0, 40), (100, 200)]
    """
    ranges: list[Range] = []
    for offset, length in sorted(spans):
        if ranges and offset - ranges[-1][1] <= gap:
            ranges[-1] = (ranges[-1][0], max(ranges[-1][1], offset + length))
        else:
            ranges.append((offset, offset + length))
    return ranges
