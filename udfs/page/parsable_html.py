"""Parse a page, and open a noscript that holds it: parsers that act as browsers with scripts leave that out."""

import re
from dataclasses import dataclass

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from udfs.page.without_scripts import MIN_NOSCRIPT_WORDS, words_of

_NOSCRIPT = re.compile(r"<(/?)noscript\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class ParsedPage:
    """A page's source as parsers of HTML should read it, and its tree."""

    html: str
    tree: HTMLTree


def parse_page(html: str) -> ParsedPage:
    """Parse a page; a noscript that holds the page is opened."""
    tree = HTMLTree.parse(html)
    opened = open_noscript(html, tree)
    return ParsedPage(html, tree) if opened is None else ParsedPage(opened, HTMLTree.parse(opened))


def open_noscript(html: str, tree: HTMLTree) -> str | None:
    """Return the page with its noscript elements as div, if most of its words stand in them; None if they do not.

    Some forums send the whole thread so, and build it by script. `tree` is the page as it was parsed.
    """
    if _noscript_words(html) < MIN_NOSCRIPT_WORDS:
        return None
    opened = _NOSCRIPT.sub(r"<\1div>", html)
    words = len(str(extract_plain_text(HTMLTree.parse(opened), main_content=False)).split())
    before = len(str(extract_plain_text(tree, main_content=False)).split())
    return opened if words - before >= max(MIN_NOSCRIPT_WORDS, before) else None


def _noscript_words(html: str) -> int:
    """Count the words between noscript and its end, in all of them together, with those of scripts and styles."""
    if "noscript" not in html and "NOSCRIPT" not in html:
        return 0
    words, begin = 0, None
    for tag in _NOSCRIPT.finditer(html):
        if not tag[1]:
            begin = tag.end()
        elif begin is not None:
            words, begin = words + words_of(html[begin : tag.start()]), None
    return words
