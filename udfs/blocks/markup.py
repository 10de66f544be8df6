"""Write a parsed page out again as well-formed bytes, which numpy can read as flat arrays."""

import re
from typing import Any

from resiliparse.parse.html import HTMLTree

# Comments, instructions such as `<?php`, void elements that no table knows, and elements whose content is written as it is. No value of an
# attribute holds a "<".
_UNREAD = re.compile(
    rb"<!--.*?-->|<(?:\?|bgsound\b|keygen\b)[^>]*+>|<(script|style|iframe|noembed|noframes|xmp|plaintext)\b[^>]*+>(.*?)</\1>",
    re.DOTALL,
)
_SHOWN = (b"xmp", b"plaintext")
_CHARACTERS = {b"lt": b"\1", b"gt": b"\2", b"nbsp": b"\xc2\xa0", b"amp": b"&"}
_REFERENCE = re.compile(rb"&(lt|gt|nbsp|amp);")  # a seventh of the time of replacing one after the other


def title(tree: HTMLTree) -> str:
    """Return the text of the page's title; "" if it has none."""
    return tree.title or ""


def flatten(tree: HTMLTree) -> bytes:
    """Write the body out as UTF-8 in which `<` and `>` stand for tags alone: the text's own are \\x01 and \\x02.

    Comments, scripts and the like are left out. A page of frames gives what it says to browsers without any, as a browser parses it.
    """
    body: Any = tree.body  # Resiliparse's types say of every property that it may be None
    if body is None or body.tag != "body":
        document: Any = tree.document
        instead = document.query_selector("noframes")
        body = HTMLTree.parse(instead.text_content).body if instead is not None else None
    if body is None:
        return b""
    return b"<html>%b</html>" % _mark(_UNREAD.sub(_read, body.html.encode("utf-8", "replace")))


def _read(found: re.Match[bytes]) -> bytes:
    if found[1] not in _SHOWN:
        return b""
    text = found[2].replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return b"<%b>%b</%b>" % (found[1], text, found[1])


def _mark(data: bytes) -> bytes:
    if b"\1" in data or b"\2" in data:
        data = data.replace(b"\1", b" ").replace(b"\2", b" ")
    return _REFERENCE.sub(_character, data)


def _character(found: re.Match[bytes]) -> bytes:
    return _CHARACTERS[found[1]]
