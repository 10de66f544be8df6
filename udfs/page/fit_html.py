"""Make a decoded page fit for parsers: the one way in which the product, training and benches read a page."""

import re

from udfs.page.as_browsers import as_browsers_read
from udfs.page.charset import Decoded
from udfs.page.code_listings import with_code_listings
from udfs.page.depth import flattened
from udfs.page.formulas import with_formulas
from udfs.page.media_type import HTML_TYPES
from udfs.page.source_signs import EDIT_LINKS, signs_of
from udfs.page.typography import written_out
from udfs.page.without_scripts import without_scripts
from udfs.page.xhtml import as_html

_EDIT_LINK = re.compile(
    r"<span class=\"(?:mw-)?editsection\"[^<>]*+>"
    r"(?:<span[^<>]*+>[^<>]*+</span>|<a\s[^<>]*+>(?:<span[^<>]*+>[^<>]*+</span>|[^<>]*+)</a>|[^<>]++)*+</span>"
)


def source_of(decoded: Decoded, *, mime: str) -> str | None:
    """Return the source of a page without its scripts and styles, so that all that follows reads half of it; None of what is no HTML.

    Plain text is often served as HTML: without a "<" it is plain.
    """
    return without_scripts(decoded.text) if mime in HTML_TYPES and "<" in decoded.text else None


def fit(source: str, *, mime: str) -> tuple[str, int]:
    """Return a page that every parser reads as a browser does, and how many start tags were cut.

    XHTML is written as HTML. Formulas, raised text and listings of code are written so that no extractor loses them. MediaWiki's
    links that edit a section go, because they stand in its heading.
    """
    html = as_html(source, mime=mime)
    if html != source:
        html = without_scripts(html)  # of XHTML a script that closes itself hid those behind it
    signs = signs_of(html)
    for rewrite in (as_browsers_read, with_formulas, written_out, with_code_listings):
        html = rewrite(html, signs)
    if not signs.isdisjoint(EDIT_LINKS):
        html = _EDIT_LINK.sub("", html)
    return flattened(html)


def fit_html(decoded: Decoded, *, mime: str) -> tuple[str, int] | None:
    """Do both: return a page fit for parsers, and how many start tags were cut; None of what is no HTML."""
    source = source_of(decoded, mime=mime)
    return fit(source, mime=mime) if source is not None else None
