"""Read all gold below the folder of shared data, or the sources asked for."""

from collections.abc import Collection
from pathlib import Path

from bench.extraction.gold_page import COLUMNS, Column, GoldPage
from bench.extraction.gold_warcs import load_warcs
from bench.extraction.gold_wcxb import load_wcxb


def load_gold(data: Path, columns: Collection[Column] = tuple(COLUMNS)) -> list[GoldPage]:
    """Read the pages of the columns asked for: `data` holds real/wcxb-dev and real/cc-sample."""
    pages: list[GoldPage] = []
    if "wcxb" in columns:
        pages += load_wcxb(data / "real" / "wcxb-dev")
    if set(columns) - {"wcxb"}:
        pages += [page for page in load_warcs(data / "real" / "cc-sample") if page.column in columns]
    return pages
