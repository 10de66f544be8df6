"""Squarified treemaps: rectangles of given areas, as near to squares as they can be, that fill a larger one."""

from collections.abc import Sequence

Rectangle = tuple[float, float, float, float]  # left, top, width, height


def squarified(sizes: Sequence[float], *, width: float, height: float) -> list[Rectangle]:
    """Return a rectangle for each size, in order; together they fill width × height, each in proportion to its size.

    Sizes must not be negative, and look best in falling order. A size of 0 has an empty rectangle.
    Source: Bruls, Huizing and van Wijk, Squarified treemaps (2000).

    >>> squarified([2, 1, 1], width=4, height=2)
    [(0, 0, 2.0, 2.0), (2.0, 0, 2.0, 1.0), (2.0, 1.0, 2.0, 1.0)]
    """
    whole = sum(sizes)
    if whole <= 0:
        return [(0, 0, 0, 0)] * len(sizes)
    scale = width * height / whole
    left: float = 0
    top: float = 0
    found: list[Rectangle] = []
    row: list[float] = []
    for size in (size * scale for size in sizes):
        side = min(width - left, height - top)
        if row and _worst([*row, size], side) > _worst(row, side):
            left, top = _placed(row, (left, top, width, height), found)
            row = []
        row.append(size)
    _placed(row, (left, top, width, height), found)
    return found


def _worst(row: Sequence[float], side: float) -> float:
    """Return the worst ratio of sides in a row along a side; empty rectangles make none worse."""
    some = [size for size in row if size > 0]
    if not some or side <= 0:
        return 0
    depth = sum(some) / side
    return max(max(size / depth / depth, depth * depth / size) for size in some)


def _placed(row: Sequence[float], space: Rectangle, found: list[Rectangle]) -> tuple[float, float]:
    """Put a row along the shorter side of what is left of a space, and return where the rest begins."""
    left, top, width, height = space
    upright = width - left >= height - top
    side = height - top if upright else width - left
    depth = sum(row) / side if side > 0 else 0.0
    at = top if upright else left
    for size in row:
        length = size / depth if depth > 0 else 0.0
        found.append((left, at, depth, length) if upright else (at, top, length, depth))
        at += length
    return (left + depth, top) if upright else (left, top + depth)
