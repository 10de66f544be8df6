"""Name the media type of a body: what is said of it, unless nothing is, or its bytes say plainly that it is something else.

The rules are those of WHATWG's MIME Sniffing and Fetch. A browser shows what a server calls HTML, come what may. Here a PDF, a
picture or an answer of an API is no page whatever it is called.
"""

import re
from functools import lru_cache

from udfs.page.signatures import is_binary, is_text, readable

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
TEXT_TYPES = HTML_TYPES | {"text/plain"}
BINARY, JSON, XML, XHTML = "application/octet-stream", "application/json", "application/xml", "application/xhtml+xml"

_PART = re.compile(r"(?:[^\",]|\"(?:[^\"\\]|\\.)*+(?:\"|\Z))++")
_ESSENCE = re.compile(r"[\t\n\r ]*+([!#$%&'*+.^_`|~\w-]++/[!#$%&'*+.^_`|~\w-]++)[\t\n\r ]*+(?:;|\Z)", re.ASCII)
_PARAMETER = re.compile(r";\s*+([^;=\"]*+)(?:=[\t ]*+(?:\"((?:[^\"\\]|\\.)*+)[^;]*+|([^;]*+)))?")
_LABEL = re.compile(r"[^\s\"';,]{1,64}")
_UNKNOWN = re.compile(
    r"(?:[^/]*/\*|(?:application|binary)/octet-stream|unk/unk|(?:httpd|magnus-internal)/.*|.*/(?:x-)?unknown(?:-.*)?|(?:x-)?unknown/.*)\Z"
)

# Possessive and atomic throughout: this runs in the worker itself, where no timeout ends a match.
_HTML_START = re.compile(
    rb"\s*+(?:<!--(?>.{0,4096}?-->)\s*+)*+(?:<!--|<(?:!doctype html|html|head|body|title|meta|link|base|script|style|iframe|frameset"
    rb"|noscript|table|div|p|h[1-6]|a|b|i|br|hr|font|center|span|ul|ol|form|img|main|article|section|header|nav)(?=[\s/>]))",
    re.IGNORECASE | re.DOTALL,
)
_XML_START = re.compile(
    rb"\s*+(?:(?=(?P<declared><\?xml\b)))?+(?:\s++|<\?(?>.{0,4096}?\?>)|<!--(?>.{0,4096}?-->)"
    rb"|<!doctype\s++(?P<html>html\b)?+[^\[>]*+(?:\[(?>.{0,8192}?\]\s*+>)|>))*+"
    rb"<(?:(?P<prefix>[a-z_][\w.-]{0,40}+):)?+(?P<name>[a-z_][\w.-]{0,40}+)(?P<attributes>[^>]{0,4096}+)",
    re.IGNORECASE | re.DOTALL,
)
_XHTML_NAMESPACE = re.compile(rb"xmlns(?::[\w.-]+)?\s*=\s*[\"']http://www\.w3\.org/1999/xhtml/?[\"']")
# Calendars, cards, playlists and subtitles: text, and no page.
_TEXT_FILES = re.compile(rb"BEGIN:V(?:CALENDAR|CARD)\s*[\r\n]|#EXTM3U\s*[\r\n]|WEBVTT[ \t]*[\r\n]")
# What a file without a type is by its name, where its bytes are text: files for programs, which are no pages.
_NAMED = {
    "css": "text/css",
    "csv": "text/csv",
    "js": "text/javascript",
    "json": JSON,
    "map": JSON,
    "mjs": "text/javascript",
    "tsv": "text/tab-separated-values",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}
_FILE_NAME = re.compile(r"[^/?#]*//[^/?#]*/(?:[^?#]*/)?+[^/?#]*\.([a-z]{2,4})(?:[?#]|\Z)", re.IGNORECASE)
_DATA_ROOTS = frozenset(
    b"rss feed rdf urlset sitemapindex svg opml opensearchdescription kml gpx plist stylesheet envelope definitions schema".split()
)
_PAGE_ROOTS = frozenset(
    b"html head body title meta link base script style table div p a b i br hr font center span ul ol dl li form img main article "
    b"section header footer nav h1 h2 h3 h4 h5 h6 pre wml".split()
)
_JSON_START = re.compile(
    rb"\s*+(?:\)\]\}',?|while\s*+\(1\);|for\s*+\(;;\);|(?:/\*\*/)?\s*+[\w.$]{1,80}+\s*+\()?+\s*+(?=[\[{])"
    rb"(?:\{\s*+(?:\"(?:[^\"\\]|\\.)*+(?:\"\s*+(?::|\Z)|\Z)|\}|\Z)|\[)"
    rb"(?:[\s\[\]{}:,]++|\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|-?\d[\d.eE+-]*+|(?:true|false|null)\b)*+(?:\)?\s*+;?\s*+(?:<!--|\Z)|[tfn][a-z]*+\Z)",
    re.DOTALL,
)


def mime_of(*, identified: str | None, declared: str | None, body: bytes, address: str = "") -> str:
    """Name the media type of a body: as the crawler identified it, else as the server did, else by its first bytes.

    Text that nobody gave a type is what the name of its file says: a stylesheet, a script, a table, a file of settings. Binary bytes
    that are called a page are application/octet-stream. JSON and XML that are called a page are JSON and XML. XML whose root is
    XHTML's is application/xhtml+xml.
    """
    name = next((name for label in (identified, declared) if (name := essence_of(label)) is not None), None)
    is_xml = name in ("text/xml", XML) or (name or "").endswith("+xml")
    if is_binary(body):
        return BINARY if name is None or name in TEXT_TYPES or is_xml else name
    start = readable(body)
    if name is None:
        sniffed = _sniffed(body, start)
        return _named(address) or sniffed if sniffed == "text/plain" else sniffed
    if name in TEXT_TYPES:
        return _data(start) or name
    if is_xml:
        return XHTML if _is_xhtml(start) else name
    return name


def essence_of(content_type: str | None) -> str | None:
    """Return the type and subtype of a Content-Type in lower case; None if it has none or one that says nothing.

    Of several values the last one counts (Fetch, "extract a MIME type").

    >>> essence_of("text/html, application/xml; charset=utf-8"), essence_of("unknown/unknown")
    ('application/xml', None)
    """
    parts = _parts(content_type)
    return parts[-1][0] if parts else None


def charset_of(content_type: str | None) -> str | None:
    """Return the charset parameter of a Content-Type header, more leniently than browsers: quoted anyhow, after a comma.

    Of several values of one type, the last that names a charset counts.
    """
    parts = _parts(content_type)
    if not parts and content_type:  # a charset alone
        parts = (("", ";" + content_type),)
    for essence, parameters in reversed(parts):
        if essence != parts[-1][0]:
            break
        for name, quoted, bare in _PARAMETER.findall(parameters):
            label = re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
            if name.strip().lower() == "charset" and _LABEL.fullmatch(label := label.strip(" \t\r\n'\"")):
                return label
    return None


@lru_cache(maxsize=4096)
def _parts(content_type: str | None) -> tuple[tuple[str, str], ...]:
    """Split a header into (type, parameters), without those that are no type; what follows them without a type is theirs."""
    parts: list[tuple[str, str]] = []
    for part in _PART.findall((content_type or "")[:4096]):
        found = _ESSENCE.match(part)
        if found is not None:
            essence = found[1].lower()
            if _UNKNOWN.match(essence) is None:
                parts.append((essence, part[found.end(1) :].lstrip()))
        elif parts and "/" not in part:
            parts[-1] = (parts[-1][0], parts[-1][1] + ";" + part)
    return tuple(parts)


def _sniffed(body: bytes, start: bytes) -> str:
    if _HTML_START.match(start):
        return "text/html"
    if start[:5].lower() == b"<?xml":
        return XHTML if _is_xhtml(start) else XML
    return _data(start) or ("text/plain" if is_text(start or body) else BINARY)


def _named(address: str) -> str | None:
    name = _FILE_NAME.match(address)
    return None if name is None else _NAMED.get(name[1].lower())


def _data(start: bytes) -> str | None:
    """Say of what is called text whether it is JSON, XML of another kind than a page, or a file of text for programs."""
    if start[:1] == b"<":
        root = _XML_START.match(start)
        if root is None:
            return None
        name = root["name"].lower()
        is_data = name not in _PAGE_ROOTS if root["declared"] else name in _DATA_ROOTS
        return XML if is_data and not _is_xhtml(start) else None
    return JSON if _JSON_START.match(start) else BINARY if _TEXT_FILES.match(start) else None


def _is_xhtml(start: bytes) -> bool:
    """Say whether the root element is html, in XHTML's namespace or under HTML's document type."""
    root = _XML_START.match(start)
    if root is None or root["name"].lower() != b"html":
        return False
    return root["html"] is not None or _XHTML_NAMESPACE.search(root["attributes"]) is not None
