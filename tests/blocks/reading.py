"""What the tests of blocks share: a page read with the shipped table of characters."""

import numpy as np

from udfs.blocks.layout import Format, lay_out
from udfs.blocks.model import shipped_model
from udfs.blocks.page import Page, read_page
from udfs.page.without_scripts import without_scripts


def read(html: str) -> Page:
    """Read a page that has text."""
    page = read_page(without_scripts(html), shipped_model().table)
    assert page is not None
    return page


def everything(html: str, *, format: Format = "text") -> list[str]:
    """Return the lines of a page of which every block is kept."""
    page = read(html)
    return lay_out(page, np.ones(len(page.begin), dtype=bool), format=format).split("\n")
