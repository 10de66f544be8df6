"""Give every URL of one page one key, and name its host and registered domain, as the WHATWG URL standard reads URLs.

Nothing here raises.
"""

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple

import ada_url
from publicsuffixlist import PublicSuffixList

from udfs.page.session_ids import is_session, without_sessions

MAX_URL = 1 << 16
# Parameters that say where a visitor came from, never which page he sees.
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|igshid|twclid|ttclid|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|mkt_tok",
    re.IGNORECASE,
)
_PARTS = ("protocol", "hostname", "port", "pathname", "search")
_SCHEMES = ("http:", "https:")
_DEFAULT_PORTS = ("", "80", "443")
_AROUND = "".join(map(chr, range(0x21)))  # controls and the space, as the standard has it
_SURROGATE = re.compile("[\ud800-\udfff]")
# An escape, a percent sign that begins none, or a character that RFC 3986 has in no path and no query.
_ODD = re.compile(r"%([0-9a-fA-F]{2})?|[^A-Za-z0-9._~!$&'()*+,;=:@/?-]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPED_TWICE = re.compile(r"&(?:amp;)+", re.IGNORECASE)


class _Parts(NamedTuple):
    """Name what a key is made of, as the standard writes it."""

    host: str
    port: str
    path: str
    query: str


def url_key(url: str | None) -> str | None:
    """Return a URL's key for exact deduplication, or None for what is no http(s) URL with a host.

    The URL is read as browsers read it (WHATWG URL). Then, in order:

     1. http and https are one, and so are ports 80 and 443 and none. User, password and fragment go.
     2. The host is as `host` gives it.
     3. Escapes of unreserved characters are undone, the others have capitals (RFC 3986 6.2.2).
        What RFC 3986 allows in no path and no query is escaped.
     4. Session ids go by the form of their value (`session_ids`), and slashes at the path's end.
     5. In the query `&amp;` is `&`. Tracking parameters go, the others are sorted by name.

    Case of path and query, `www.` and names such as index.html stay: they can name different pages.
    """
    parts = _parse(url)
    name = _host(parts)
    if parts is None or name is None:
        return None
    location = f"[{name}]" if ":" in name else name
    if parts.port not in _DEFAULT_PORTS:
        location += f":{parts.port}"
    query = _query(parts.query)
    return location + _path(parts.path) + (f"?{query}" if query else "")


def host(url: str | None) -> str | None:
    """Return the host of an http(s) URL in lower case and Punycode, without a dot at its end.

    An IPv4 address is four decimal numbers, however it was written; an IPv6 address has no brackets.
    """
    return _host(_parse(url))


def domain(name: str | None) -> str | None:
    """Return the registered domain of a host by the Public Suffix List, its private part included.

    So each user of github.io has a domain. IP addresses and bare suffixes stay themselves.
    """
    if name is None or _is_ip(name):
        return name
    return _suffixes().privatesuffix(name) or name


@lru_cache(maxsize=1)  # the host and the key of an address are asked in turn
def _parse(url: str | None) -> _Parts | None:
    """Return the parts of an http(s) URL; WARC 1.0 has URLs in angle brackets."""
    if not url or len(url) > MAX_URL:
        return None
    url = url.strip(_AROUND)
    if url.startswith("<") and url.endswith(">"):
        url = url[1:-1]
    try:
        found = ada_url.parse_url(_SURROGATE.sub("\ufffd", url), attributes=_PARTS)
    except ValueError:
        return None
    if found["protocol"] not in _SCHEMES:
        return None
    return _Parts(host=found["hostname"], port=found["port"], path=found["pathname"], query=found["search"][1:])


def _host(parts: _Parts | None) -> str | None:
    name = parts.host if parts is not None else ""
    if name.endswith("."):
        # what is left may be an address: `0x7f.1..` is a name, `0x7f.1` is 127.0.0.1
        bare = _parse(f"http://{name.rstrip('.')}/")
        name = bare.host if bare is not None else ""
    return name.strip("[]") or None


def _path(path: str) -> str:
    path = _normal(path)
    bare = without_sessions(path)
    if bare != path:  # dots may stand alone now, as in `..;jsessionid=…`
        bare = ada_url.parse_url(f"http://host{bare}", attributes=("pathname",))["pathname"]
    return bare.rstrip("/")


def _query(query: str) -> str:
    pairs = _ESCAPED_TWICE.sub("&", _normal(query)).split("&")
    named = [(pair.partition("=")[0], pair) for pair in pairs if pair and not is_session(pair)]
    content = [(name, pair) for name, pair in named if not _TRACKING.fullmatch(name)]
    # values of one name keep their order, as the standard's own sort has it
    return "&".join(pair for _, pair in sorted(content, key=lambda entry: entry[0]))


def _normal(text: str) -> str:
    """Bring escapes into one form. A percent sign that begins none becomes `%25`, or it might begin one afterwards."""
    return _ODD.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return f"%{ord(match[0]):02X}"
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _is_ip(name: str) -> bool:
    if ":" not in name and not name[-1:].isdigit():  # most hosts: an error costs 3 µs
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
