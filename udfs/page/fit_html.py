"""Make a decoded page fit for parsers: the one way in which the product, training and benches read a page."""

import re

from udfs.page.as_browsers import as_browsers_read
from udfs.page.charset import Decoded
from udfs.page.code_listings import with_code_listings
from udfs.page.depth import flattened
from udfs.page.formulas import with_formulas
from udfs.page.media_type import HTML_TYPES
from udfs.page.typography import written_out
from udfs.page.xhtml import as_html

_EDIT_LINK = re.compile(
    r"<span class=\"(?:mw-)?editsection\"[^<>]*+>"
    r"(?:<span[^<>]*+>[^<>]*+</span>|<a\s[^<>]*+>(?:<span[^<>]*+>[^<>]*+</span>|[^<>]*+)</a>|[^<>]++)*+</span>"
)


def fit_html(decoded: Decoded, *, body: bytes, mime: str) -> tuple[str, int] | None:
    """Return a page that every parser reads as a browser does, and how many start tags were cut; None of what is no HTML.

    `body` are the bytes that were decoded. Plain text is often served as HTML: without a "<" it is plain. Formulas, raised text and
    listings of code are written so that no extractor loses them. MediaWiki's links that edit a section go, because they stand in its
    heading.
    """
    if mime not in HTML_TYPES or "<" not in decoded.text:
        return None
    html = as_browsers_read(as_html(decoded.text, mime=mime))
    for rewrite in (with_formulas, written_out, with_code_listings):
        html = rewrite(html)
    if "editsection" in html:
        html = _EDIT_LINK.sub("", html)
    return flattened(html, body=body if decoded.charset[:5] not in ("utf-1", "utf-3") else None)
