"""The survivor order: which of several duplicates stays. It is total, since the id decides last, and never the order of arrival."""

import re
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.engine.errors import RecipeError

ITEM = re.compile(r"(?P<expression>.+?)(\s+(?P<direction>ASC|DESC))?", re.IGNORECASE | re.DOTALL)


def order(items: Sequence[str]) -> list[Column]:
    """Return the columns to sort by so that the best document comes first; a null comes last."""
    columns = []
    for item in items:
        expression, descending = _parse(item)
        value = F.expr(expression)
        columns.append(value.desc_nulls_last() if descending else value.asc_nulls_last())
    return [*columns, F.col("id").asc()]


def check_order(items: Sequence[str], *, rows: DataFrame | None) -> None:
    """Raise RecipeError if an item of [dedup] survivor cannot order documents; without `rows` only an empty one is refused."""
    for item in items:
        expression, _ = _parse(item)
        if rows is None:
            continue
        try:
            _ = rows.orderBy(F.expr(expression)).schema
        except Exception as error:
            first = str(error).strip().split("\n")[0]
            raise RecipeError(f"[dedup] survivor: {item!r} is not an order over signals and date: {first}") from None


def _parse(item: str) -> tuple[str, bool]:
    """Split "quality_score DESC" into its expression and whether it descends.

    >>> _parse("quality_score DESC"), _parse("date")
    (('quality_score', True), ('date', False))
    """
    match = ITEM.fullmatch(item.strip())
    if match is None:
        raise RecipeError(f"[dedup] survivor: {item!r} is empty. Write an expression over signals, then ASC or DESC")
    return match["expression"], (match["direction"] or "ASC").upper() == "DESC"
