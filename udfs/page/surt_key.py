"""The key of a URL in Common Crawl's indexes: its SURT, the host's parts turned round, then the path and the sorted query.

The indexes make it with the package `surt` and its default rules, which the tests and bench/read/surt_key.py compare this with. The package's
licence (AGPL) is none for this project, so this is written anew from what it does.
"""

import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pyarrow as pa

from udfs.page.urls import MAX_URL

_URL = re.compile(rb"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL)
_PORT = re.compile(rb"(.*?):(\d*)", re.DOTALL)
_DEFAULT_PORTS = {b"http": b"80", b"https": b"443"}
_SAFE = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # with letters and digits all of ASCII but the space, # and %
_REPEATED = re.compile(rb"%(?:25)+")  # %252525 takes as many rounds as it is long
_NUMBERS = re.compile(rb"\d+(\.\d+){0,3}")
_WWW = re.compile(rb"www\d*\.")
# ASP.NET's session in a path, and sessions in a query: what stands before and after it stays
_PATH_SESSIONS = (
    re.compile(rb"(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)", re.DOTALL),
    re.compile(rb"(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)", re.DOTALL),
)
_QUERY_SESSIONS = tuple(
    re.compile(rb"(.*)(?:" + session + rb")(?:&(.*))?", re.IGNORECASE | re.DOTALL)
    for session in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)


def surt_key(url: str | None) -> str | None:
    """Return the key of an http(s) URL, or None for what is none, or has no host.

    >>> surt_key("https://www.Example.org:443/a//./B/?y=2&x=1#top")
    'org,example)/a/b?x=1&y=2'
    """
    if url is None or len(url) > MAX_URL:
        return None
    found = _URL.fullmatch(re.sub(rb"[\n\r\t]", b"", url.strip().encode("utf-8", "replace")))
    if found is None:
        return None
    scheme, authority, path, query = found.groups()
    name, port = _host_and_port(authority.rpartition(b"@")[2])
    host = _host(name)
    if not host:
        return None
    place = b"" if port in (b"", _DEFAULT_PORTS[scheme.lower()]) else b":" + port
    key = b",".join(reversed(host.split(b"."))) + place + b")" + _path(path)
    asked = _query(query or b"")
    return (key + (b"?" + asked if asked else b"")).decode("ascii")


def with_keys(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Put `url_surtkey` in the place of the column `url` of each batch, for mapInArrow."""
    for batch in batches:
        names = ["url_surtkey" if name == "url" else name for name in batch.schema.names]
        keys = pa.array([surt_key(url) for url in batch.column("url").to_pylist()], pa.string())
        columns = [keys if field.name == "url" else column for field, column in zip(batch.schema, batch.columns, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, names=names)


def _host_and_port(authority: bytes) -> tuple[bytes, bytes]:
    found = _PORT.fullmatch(authority) if not authority.endswith(b"]") else None
    return (found[1], str(int(found[2])).encode() if found[2] else b"") if found else (authority, b"")


def _host(name: bytes) -> bytes:
    name = _unescaped(name.strip(b"[]"))
    if not name.isascii():
        with suppress(ValueError):  # what is no name of the DNS is escaped below
            name = name.decode("utf-8", "ignore").lower().encode("idna")
    name = name.replace(b"..", b".").strip(b".")
    return _address(name) or _without_www(_escaped(name).lower())


def _without_www(name: bytes) -> bytes:
    found = _WWW.match(name)
    return name[found.end() :] if found else name


def _address(name: bytes) -> bytes | None:
    """Return an IPv4 address as four numbers, however it was written."""
    if name.isdigit():
        return socket.inet_ntoa((int(name[-40:]) & 0xFFFFFFFF).to_bytes(4, "big")).encode()
    try:
        return socket.inet_ntoa(socket.inet_aton(name.decode("ascii"))).encode() if _NUMBERS.fullmatch(name) else None
    except OSError:
        return None


def _path(path: bytes) -> bytes:
    """Return a path without dots, doubled slashes, sessions and its last slash, in lower case."""
    parts: list[bytes] = []
    for part in _unescaped(path).split(b"/")[1:]:
        if part == b"..":
            parts = parts[:-1] if parts else [part]
        elif part != b".":
            parts.append(part)
    whole = b"/" + b"".join(part + b"/" for part in parts[:-1] if part) + b"".join(parts[-1:])
    whole = _escaped(whole).lower()
    for session in _PATH_SESSIONS:
        found = session.fullmatch(whole)
        whole = found[1] + found[2] if found else whole
    return whole[:-1] if whole.endswith(b"/") and len(whole) > 1 else whole


def _query(query: bytes) -> bytes:
    """Return a query without sessions, in lower case, its arguments in order."""
    whole = _escaped(_unescaped(query))
    for session in _QUERY_SESSIONS:
        found = session.fullmatch(whole)
        whole = found[1] + (found[2] or b"") if found else whole
    arguments: list[bytes] = sorted(whole.lower().split(b"&"), key=_in_parts)
    return b"&".join(arguments)


def _in_parts(argument: bytes) -> list[bytes]:
    return argument.split(b"=", 1)


def _unescaped(text: bytes) -> bytes:
    while (plain := unquote_to_bytes(_REPEATED.sub(b"%", text))) != text:
        text = plain
    return text


def _escaped(text: bytes) -> bytes:
    return quote_from_bytes(text, safe=_SAFE).encode("ascii")
