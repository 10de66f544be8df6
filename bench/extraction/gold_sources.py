"""Read all gold below the folder of shared data, or the sources asked for."""

from collections.abc import Collection
from pathlib import Path

from bench.extraction.gold_page import IN_DATA, Column, GoldPage
from bench.extraction.gold_read import load_forms, load_read
from bench.extraction.gold_warcs import load_warcs
from bench.extraction.gold_wcxb import load_wcxb


def load_gold(data: Path, columns: Collection[Column] = IN_DATA) -> list[GoldPage]:
    """Read the pages of the columns asked for: `data` holds real/wcxb-dev and real/cc-sample; "forms" needs a package."""
    pages: list[GoldPage] = []
    if "wcxb" in columns:
        pages += load_wcxb(data / "real" / "wcxb-dev")
    if set(columns) - {"wcxb", "read", "forms"}:
        pages += [page for page in load_warcs(data / "real" / "cc-sample") if page.column in columns]
    if "read" in columns:
        pages += load_read(data / "real" / "cc-sample")
    if "forms" in columns:
        pages += load_forms()
    return pages
