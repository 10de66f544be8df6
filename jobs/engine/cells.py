"""Where an amount ends among sums by the upper bits of a hash: the driver's part of an exact draw, which sees no document."""

from collections.abc import Mapping

CELL_BITS = 12  # so a driver holds at most 4,096 sums; of three billion documents, a cell has some 700,000


def cell_of(cells: Mapping[int, int], amount: int) -> tuple[int, int] | None:
    """Find the cell in which an amount is used up, and how much stands before it; None if all cells fit.

    >>> cell_of({3: 10, 1: 5}, 7), cell_of({3: 10, 1: 5}, 15)
    ((3, 5), None)
    """
    before = 0
    for cell, held in sorted(cells.items()):
        if before + held > amount:
            return cell, before
        before += held
    return None
