"""What stages tell of one document has in common: its row of a table, and how a line looks."""

from typing import Any

from pyspark.sql import functions as F

from jobs.engine.root import Root
from jobs.engine.tables import Table


def row_of(root: Root, table: Table, page: str, *, chunk: str | None) -> dict[str, Any] | None:
    """Fetch a document's row of a table, of its chunk alone; None if the table is not there or has none."""
    if not root.has(table):
        return None
    row = root.read(table, chunk).where(F.col("id") == page).first()
    return row.asDict() if row is not None else None


def fact(name: str, value: object) -> str:
    """Write a fact as a line."""
    return f"  {name:<28}{value:.4f}" if isinstance(value, float) else f"  {name:<28}{value}"
