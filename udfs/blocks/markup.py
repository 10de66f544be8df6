"""Parse a page once and write its tree out again as well-formed bytes, which numpy can read as flat arrays."""

import re

from lxml import etree
from resiliparse.parse.html import HTMLTree

MAX_LEVELS = 2040  # libxml2 drops what lies deeper than 2,048 elements, without an error
_UNSEEN = ("script", "style", "svg", "template", "iframe", "textarea", "select", "object")
_SELF_CLOSED = re.compile(
    r"<([a-zA-Z][\w:.-]*+)((?:[^<>\"'/]++|\"[^\"<]*+\"|'[^'<]*+'|/(?!>))*+)/>",
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_XML_DECLARATION = re.compile(r"\s*<\?xml\b")


def open_self_closed(html: str, *, mime: str) -> str:
    """Give elements that XHTML closes at once an end tag, since HTML parsers take `<script/>` for an open element.

    Only pages served as XHTML, or with an XML declaration, are touched.
    """
    if mime != "application/xhtml+xml" and not _XML_DECLARATION.match(html[:1000]):
        return html
    return _SELF_CLOSED.sub(_open, html)


def _open(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name.lower() in _VOID else f"<{name}{match[2]}></{name}>"


def parse(html: str) -> etree._Element | None:
    """Parse a page to its root element; None where there is no element."""
    parser = etree.HTMLParser(collect_ids=False, encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    data = html.encode("utf-8", "replace").replace(b"\0", b"")
    try:
        return etree.fromstring(data, parser) if data.strip() else None
    except (etree.XMLSyntaxError, ValueError):  # lxml's way to say that there is nothing in it
        return None


def title(root: etree._Element) -> str:
    """Return the text of the page's title; "" if it has none."""
    found = root.findtext("head/title")
    return found if found is not None else root.findtext(".//title") or ""


def flatten(root: etree._Element) -> bytes:
    """Write a tree out as UTF-8 in which `<` and `>` stand for tags alone: the text's own are \\x01 and \\x02.

    Scripts and the like are taken out of the tree.
    """
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    return _mark(etree.tostring(root, encoding="utf-8", with_tail=False))


def flatten_deep(html: str) -> bytes:
    """Write out a page that is too deep for libxml2, by a parser that has no such limit."""
    tree = HTMLTree.parse(html)
    root = tree.document
    assert root is not None  # a parsed tree has one
    for name in _UNSEEN:
        for node in root.get_elements_by_tag_name(name)[:]:
            node.decompose()
    return _mark(str(tree).encode("utf-8", "replace"))


def _mark(data: bytes) -> bytes:
    if b"\1" in data or b"\2" in data:
        data = data.replace(b"\1", b" ").replace(b"\2", b" ")
    if b"&" not in data:
        return data
    data = data.replace(b"&lt;", b"\1").replace(b"&gt;", b"\2").replace(b"&#13;", b"\r")
    data = data.replace(b"&#xFFFD;", b"\xef\xbf\xbd")  # how libxml2 writes a control character
    return data.replace(b"&amp;", b"&")
