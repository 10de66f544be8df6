"""Exact draws in the order of a hash: where an amount ends among sums by the upper bits of it, and in the cell where it ends.

The driver sees the sums and one row, and no other document.
"""

from collections.abc import Mapping

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

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


def first_beyond(within: DataFrame, amount: int, *, weight: str) -> tuple[tuple[int, str], int]:
    """Return key and id of the first document of a cell that an amount does not hold whole, and what the documents before it weigh."""
    order = Window.partitionBy().orderBy("key", "id").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    passed = within.withColumn("passed", F.sum(F.expr(weight)).over(order)).where(F.col("passed") > amount)
    row = passed.selectExpr("key", "id", f"passed - {weight} AS before").orderBy("key", "id", "before").first()
    assert row is not None, f"the cell holds no more than {amount}"
    return (int(row["key"]), str(row["id"])), int(row["before"])
