"""Decode a page: byte order mark, HTTP header, meta, detector, replacement, each believed only if the bytes bear it out."""

import re
from dataclasses import dataclass
from typing import Literal

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

Source = Literal["bom", "header", "meta", "detector", "replacement", "utf-8"]

PRESCAN_BYTES = 4096
MAX_BAD_SHARE = 0.02  # of the characters beyond ASCII; a page cut by the crawler ends in half a character
MIN_UTF8_SEQUENCES = 3  # legacy text of a few bytes can be valid UTF-8 by chance

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_META = re.compile(rb"<meta\b[^>]{0,1024}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9._:-]{1,64})", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml\b[^>]{0,256}?encoding\s*=\s*[\"']\s*([a-zA-Z0-9._:-]{1,64})", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
# The Encoding Standard decodes these labels with a superset that Python names otherwise.
_CODECS = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "macintosh": "mac-roman",
    "iso-2022-jp": "iso2022-jp-2",
}


@dataclass(frozen=True)
class Decoded:
    """A page's text, the charset it was decoded with (WHATWG name), and which rung of the ladder named it."""

    text: str
    charset: str
    source: Source


def decode_page(body: bytes, *, header: str | None) -> Decoded:
    """Decode a page's bytes; never fails. `header` is the charset label of the Content-Type header, if any."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return Decoded(body[len(bom) :].decode(name, "replace"), name.replace("-le", "le").replace("-be", "be"), "bom")
    utf8 = _strict_utf8(body)
    meta = meta_charset(body)
    for label, source in ((header, "header"), (meta, "meta")):
        name = whatwg_name(label)
        if name is None or (source == "meta" and name.startswith("utf-16")):
            continue  # a meta that could be read as ASCII is not UTF-16
        if name != "utf-8" and utf8 is not None and _multibyte(body) >= MIN_UTF8_SEQUENCES:
            continue
        text = utf8 if name == "utf-8" and utf8 is not None else _tolerant(body, name)
        if text is not None:
            return Decoded(text, name, "header" if source == "header" else "meta")
    if utf8 is not None:
        return Decoded(utf8, "utf-8", "utf-8")
    name = whatwg_name(detect_encoding(body, html5_compatible=True))
    text = _tolerant(body, name) if name else None
    if name and text is not None:
        return Decoded(text, name, "detector")
    return Decoded(body.decode("utf-8", "replace"), "utf-8", "replacement")


def meta_charset(body: bytes) -> str | None:
    """Return the charset label of the XML declaration or the first meta in the first PRESCAN_BYTES."""
    start = body[:PRESCAN_BYTES]
    found = _XML.match(start) or _META.search(_COMMENT.sub(b"", start))
    return found[1].decode("ascii") if found else None


def whatwg_name(label: str | None) -> str | None:
    """Map a charset label to its WHATWG name; None for an unknown one."""
    if not label or len(label) > 64:
        return None
    name = map_encoding_to_html5(label.strip(), fallback_utf8=False)
    return name if name and name not in ("replacement", "x-user-defined") else None


def _strict_utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _multibyte(body: bytes) -> int:
    """Count the characters beyond ASCII of valid UTF-8, up to a few."""
    return sum(1 for _ in zip(range(MIN_UTF8_SEQUENCES), re.finditer(rb"[\xc2-\xf4]", body), strict=False))


def _tolerant(body: bytes, name: str) -> str | None:
    """Decode with a named charset; None if it is unknown to Python or if more than MAX_BAD_SHARE of it does not decode."""
    try:
        text = body.decode(_CODECS.get(name, name), "replace")
    except LookupError:
        return None
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    if not bad:
        return text
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if bad <= max(1, MAX_BAD_SHARE * beyond_ascii) else None
