"""Find the charset that a page names itself: in a meta element, or in the XML declaration."""

import re
from collections.abc import Callable, Iterator
from itertools import chain

from udfs.page.tags import tags

PRESCAN_BYTES = 4096  # a browser looks at 1,024 at first, and changes its mind when its parser meets a meta later
HEAD_BYTES = 1 << 16  # the longest head that is read for a meta

MAX_META_BYTES = 1024

_XML = re.compile(r"\s*+<\?xml\b[^>]{0,256}?encoding\s*+=\s*+[\"']\s*+([a-zA-Z0-9._:-]{1,64})", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([^\s=/>][^\s=/>]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"?|'([^']*+)'?|([^\s>]*+)))?")
_CONTENT = re.compile(r"charset[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"([^\"]*)\"|'([^']*)'|([^\s;\"'][^\s;]*))", re.IGNORECASE)


def named_charset(body: bytes, *, mime: str, known: Callable[[str], str | None]) -> str | None:
    """Return the first charset that is `known` by its label.

    HTML asks its metas and then the XML declaration; XML asks the declaration first (HTML, 13.2.3.2, "prescan a byte stream").
    UTF-16 in a label that can be read as ASCII means UTF-8, and x-user-defined in a meta windows-1252.
    """
    start = body[:64].lstrip()
    xml = _XML.match(body[:512].decode("latin-1")) if start[:5].lower() == b"<?xml" else None
    declared = [xml[1]] if xml else []
    metas = chain(_metas(body[:PRESCAN_BYTES]), _metas(body[:HEAD_BYTES]))  # most pages name it at the beginning
    labels = chain(declared, metas) if mime == "application/xhtml+xml" else chain(metas, declared)
    for label in labels:
        name = "windows-1252" if label.strip().lower() == "x-user-defined" else known(label)
        if name is not None:
            return "utf-8" if name.startswith("utf-16") else name
    return None


def _last_candidate(start: bytes) -> int:
    """Return where the last meta begins behind which charset is said, -1 if there is none: most pages need no closer look."""
    last, place = -1, start.find(b"<meta")
    while place >= 0:
        if start.find(b"charset", place, place + MAX_META_BYTES) >= 0:
            last = place
        place = start.find(b"<meta", place + 5)
    return last


def _metas(start: bytes) -> Iterator[str]:
    last = _last_candidate(start.lower())
    for tag, name in tags(start[: last + MAX_META_BYTES].decode("latin-1") if last >= 0 else ""):
        if tag.start() > last or (name == "body" and tag.start() > PRESCAN_BYTES):
            return
        if name == "meta" and not tag["closing"] and (label := _label(tag["attributes"])):
            yield label


def _label(attributes: str) -> str | None:
    """Return what a meta names: its attribute charset, else the content's that stands for a Content-Type header."""
    values: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(attributes):
        values.setdefault(name.lower(), double or single or bare)
    if "charset" in values:
        return values["charset"]
    if values.get("http-equiv", "").lower() != "content-type":
        return None
    found = _CONTENT.search(values.get("content", ""))
    return found[1] or found[2] or found[3] if found else None
