"""Normalise URLs so that the same page has one key, and name its host and registered domain; nothing here raises."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import idna
from publicsuffixlist import PublicSuffixList

MAX_URL = 1 << 16
# Parameters that say where a visitor came from or who he is, never which page he sees.
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|igshid|twclid|ttclid|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|mkt_tok"
    r"|jsessionid|phpsessid|aspsessionid\w*|sessionid|session_id|sid)",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def url_key(url: str | None) -> str | None:
    """Return a URL's key for exact deduplication, or None for what is no http(s) URL with a host.

    Rules, in order: http and https are one (the scheme is dropped); user and password are dropped; the host is as `host`
    gives it; a default port (80, 443) is dropped; the fragment is dropped; escapes of unreserved characters are undone, the
    others upper-cased (RFC 3986 6.2.2) and what no URL may hold is escaped; `;jsessionid=` and its like leave the path;
    trailing slashes leave the path; tracking and session parameters leave the query and the others are sorted. Case of path
    and query, `www.` and file names such as index.html are kept: they can name different pages.
    """
    parts = _split(url)
    name = _host(parts)
    if parts is None or name is None:
        return None
    try:
        port = parts.port
    except ValueError:
        return None
    location = f"[{name}]" if ":" in name else name
    if port is not None and port not in _DEFAULT_PORTS.values():
        location += f":{port}"
    path = _PATH_SESSION.sub("", _normal(parts.path)).rstrip("/")
    pairs = [_normal(pair) for pair in parts.query.split("&") if pair]
    query = sorted(pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0]))
    return location + path + ("?" + "&".join(query) if query else "")


def host(url: str | None) -> str | None:
    """Return the host of an http(s) URL in lower case and IDNA, without a trailing dot; an IP address stays itself."""
    return _host(_split(url))


def domain(name: str | None) -> str | None:
    """Return the registered domain of a host (Public Suffix List); IP addresses and bare suffixes stay themselves."""
    if name is None or _is_ip(name):
        return name
    return _suffixes().privatesuffix(name) or name


def _split(url: str | None) -> SplitResult | None:
    if not url or len(url) > MAX_URL:
        return None
    try:
        parts = urlsplit(url.strip().strip("<>"))
    except ValueError:
        return None
    return parts if parts.scheme in _DEFAULT_PORTS else None


def _host(parts: SplitResult | None) -> str | None:
    try:
        name = parts.hostname if parts is not None else None
    except ValueError:
        return None
    if not name:
        return None
    if _is_ip(name):
        return ipaddress.ip_address(name).compressed
    name = name.rstrip(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return name if re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", name) and len(name) <= 253 else None


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _normal(text: str) -> str:
    def escape(match: re.Match[str]) -> str:
        if match[1] is None:  # a percent sign that escapes nothing could do so once its neighbours are unescaped
            return "%25"
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    ascii_text = "".join(
        c if " " < c < "\x7f" and c not in "<>" else "".join(f"%{b:02X}" for b in c.encode("utf-8", "replace")) for c in text
    )
    return _ESCAPE.sub(escape, ascii_text)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
