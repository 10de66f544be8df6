"""A card: a small table that a stage adds to the report, beside the funnel, reasons and samples that every stage has."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """Show a table under a title: the first column is text, the others numbers; the note says in a sentence what is counted."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]
