"""The survivor order: which of several duplicates stays, as one comparable column, so that it is total and never arrival order."""

import re
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType

from jobs.recipe import RecipeError

ITEM = re.compile(r"(?P<expression>.+?)(\s+(?P<direction>ASC|DESC))?", re.IGNORECASE | re.DOTALL)


def rank(order: Sequence[str]) -> Column:
    """Return a struct that compares as the order says, earlier meaning better; a null comes last, and the id decides last."""
    parts: list[Column] = []
    for number, item in enumerate(order):
        expression, descending = _parse(item)
        value = F.expr(f"-({expression})" if descending else expression)
        parts += [value.isNull().alias(f"no_{number}"), value.alias(f"key_{number}")]
    return F.struct(*parts, F.col("id").alias("id"))


def check_order(order: Sequence[str], *, rows: DataFrame) -> None:
    """Raise RecipeError if an item of [dedup] survivor cannot order documents."""
    for item in order:
        expression, descending = _parse(item)
        try:
            kind = rows.select(F.expr(expression)).schema[0].dataType
        except Exception as error:
            first = str(error).split("\n")[0]
            raise RecipeError(f"[dedup] survivor: {item!r} is not an order over signals and date: {first}") from None
        if descending and not isinstance(kind, NumericType):
            raise RecipeError(
                f"[dedup] survivor: {item!r} is {kind.simpleString()}; only numbers can come in descending order. Use ASC, or a number"
            )


def _parse(item: str) -> tuple[str, bool]:
    """Split "quality_score DESC" into its expression and whether it descends.

    >>> _parse("quality_score DESC"), _parse("date")
    (('quality_score', True), ('date', False))
    """
    match = ITEM.fullmatch(item.strip())
    if match is None:
        raise RecipeError(f"[dedup] survivor: {item!r} is empty. Write an expression over signals, then ASC or DESC")
    return match["expression"], (match["direction"] or "ASC").upper() == "DESC"
