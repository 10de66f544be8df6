"""Parse a page once and write its tree out again as well-formed bytes, which numpy can read as flat arrays."""

from lxml import etree

_UNSEEN = ("head", "script", "style", "svg", "template", "iframe", "textarea", "select", "object")


def parse(html: str) -> etree._Element | None:
    """Parse a page to its root element; None where there is no element."""
    parser = etree.HTMLParser(collect_ids=False, encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    data = html.encode("utf-8", "replace").replace(b"\0", b"")
    try:
        return etree.fromstring(data, parser) if data and not data.isspace() else None
    except (etree.XMLSyntaxError, ValueError):  # lxml's way to say that there is nothing in it
        return None


def title(root: etree._Element) -> str:
    """Return the text of the page's title; "" if it has none."""
    found = root.findtext("head/title")
    return found if found is not None else root.findtext(".//title") or ""


def flatten(root: etree._Element) -> bytes:
    """Write a tree out as UTF-8 in which `<` and `>` stand for tags alone: the text's own are \\x01 and \\x02.

    The head, scripts and the like are taken out of the tree.
    """
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    return _mark(etree.tostring(root, encoding="utf-8", with_tail=False))


def _mark(data: bytes) -> bytes:
    if b"\1" in data or b"\2" in data:
        data = data.replace(b"\1", b" ").replace(b"\2", b" ")
    if b"&" not in data:
        return data
    data = data.replace(b"&lt;", b"\1").replace(b"&gt;", b"\2")
    if b"&#" in data:
        data = data.replace(b"&#13;", b"\r").replace(b"&#xFFFD;", b"\xef\xbf\xbd")  # libxml2 writes control characters so
    return data.replace(b"&amp;", b"&")
