"""Markup of a page written in a test."""

from resiliparse.parse.html import HTMLTree

from udfs.page.markup import Markup, read_markup


def markup_of(html: str) -> Markup:
    """Parse a page and read its markup."""
    return read_markup(HTMLTree.parse(html))
