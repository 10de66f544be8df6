"""Take an HTTP response apart as a WARC holds it; http_body.py undoes the encodings of its body."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

MAX_HEADER_BYTES = 1 << 18
MAX_HEADERS = 1000
MAX_ANSWERS = 8  # in one record: interim ones, a proxy's, and the server's

_STATUS = re.compile(rb"HTTP/\d+(?:\.\d+)?[ \t]+(\d{3})(?!\d)", re.IGNORECASE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_BLANKS = " \t\n\r\x0b\f"  # what bytes.strip() takes
_FOLD = re.compile(rb"\r?\n[ \t]+")
CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\n]{0,256})?\r?\n")
# Possessive and atomic throughout: headers and bodies are read in the worker itself, where no timeout ends a match.
_NEXT_LINE = re.compile(rb"[^\n]{0,512}+\n")
_STATUS_LINE = re.compile(rb"(?:\r?\n){0,4}+(?=HTTP/\d(?:\.\d)?[ \t]++\d{3}(?!\d)[^\n]{0,512}+\r?\n)", re.IGNORECASE)
_TUNNEL = re.compile(rb"HTTP/\S++[ \t]++2\d\d[ \t]++(?:connection|tunnel)[ \t]++established", re.IGNORECASE)
_NAMED = frozenset({"content-type", "content-encoding", "transfer-encoding", "last-modified", "etag"})  # what a page comes with
_STRAY = re.compile(
    rb"\s{0,8}+(?:HTTP/\d[^\n]{0,512}+\n)?+(?:[A-Za-z][\w-]{1,40}+:[ \t]?[^\r\n]{0,1000}+\r?\n){1,40}+\r?\n(?=\s{0,64}+<[!a-z?])",
    re.IGNORECASE,
)
# Headers that a program writes; other words before a colon may begin a text.
_STRAY_NAME = re.compile(
    rb"(?:^|\n)\s*+(?:content-type|content-length|set-cookie|x-powered-by|status|cache-control|pragma):", re.IGNORECASE
)


@dataclass(frozen=True)
class HttpMessage:
    """Status (None if the status line is none), headers with lower-case names in order, and the body as stored."""

    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first header of that lower-case name."""
        return next((value for key, value in self.headers if key == name), None)

    def values(self, name: str) -> tuple[str, ...]:
        """Return all headers of that lower-case name."""
        return tuple(value for key, value in self.headers if key == name)


def parse_message(block: bytes) -> HttpMessage:
    """Take the server's final answer out of a block; at most MAX_HEADERS headers are kept, lines without a colon are not.

    A block may begin with other answers: interim ones (RFC 9110, 15.2), and a proxy's to CONNECT or for its password (9.3.6, 15.5.8).
    A block without an HTTP status line has status None, no headers, and itself as body.
    """
    message, begin = _parsed(block, 0 if block[:5] == b"HTTP/" else _status_line(block, 0) or 0)
    for _ in range(MAX_ANSWERS):
        following = _following(block, message, begin)
        if following is None:
            break
        message, begin = _parsed(block, following)
    if message.status == 200 and "html" in (message.header("content-type") or "html").lower():
        stray = _STRAY.match(message.body)
        if stray is not None and _STRAY_NAME.search(stray[0]):  # a program wrote its headers once more, behind the blank line
            return replace(message, body=message.body[stray.end() :])
    return message


def _parsed(block: bytes, begin: int) -> tuple[HttpMessage, int]:
    """Split one answer that begins at a byte; its body reaches to the end of the block."""
    status = _STATUS.match(block, begin)
    if status is None and block[begin : begin + 5].upper() != b"HTTP/":
        return HttpMessage(None, (), block), begin
    blank = _BLANK.search(block, begin, begin + MAX_HEADER_BYTES)
    head = block[begin : blank.start() if blank else min(len(block), begin + MAX_HEADER_BYTES)]
    body = block[blank.end() :] if blank else b""
    return HttpMessage(int(status[1]) if status else None, tuple(_headers(head)), body), begin


def _headers(head: bytes) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a head's lines but the first; ASCII is decoded at once, which takes half the time."""
    lines = _FOLD.sub(b" ", head)
    if lines.isascii() and 0 not in lines:
        for text in lines.decode("ascii").split("\n", MAX_HEADERS + 1)[1 : MAX_HEADERS + 1]:
            key, colon, told = text.partition(":")
            if colon and key.strip(_BLANKS):
                yield key.strip().lower(), told.strip()
        return
    for line in lines.split(b"\n", MAX_HEADERS + 1)[1 : MAX_HEADERS + 1]:
        name, mark, value = line.partition(b":")
        if mark and name.strip():
            yield _text(name).lower(), _text(value)


def _following(block: bytes, message: HttpMessage, begin: int) -> int | None:
    """Return where the answer begins that stands behind one which is not the server's last; None if it is the last."""
    status = message.status or 0
    start = len(block) - len(message.body)
    if 100 <= status < 200:
        line = _NEXT_LINE.match(block, begin)  # some write no blank line behind an interim answer
        return (_status_line(block, line.end()) if line else None) or _status_line(block, start)
    if status == 407:
        return _status_line(block, start + _length(message))
    bare = 200 <= status < 300 and not any(name in _NAMED for name, _ in message.headers)
    return _status_line(block, start) if bare or _TUNNEL.match(block, begin) else None


def _length(message: HttpMessage) -> int:
    """Return how long a body is by its chunks or its Content-Length; 0 if neither says."""
    if "chunked" in (message.header("transfer-encoding") or "").lower():
        position = 0
        while (size := CHUNK.match(message.body, position)) is not None and int(size[1], 16):
            position = size.end() + int(size[1], 16) + 2
        return size.end() if size is not None else 0
    length = message.header("content-length") or "0"
    return int(length) if length.isascii() and length.isdigit() and len(length) < 10 else 0


def _status_line(block: bytes, start: int) -> int | None:
    found = _STATUS_LINE.match(block, start)
    return found.end() if found else None


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\0", "").strip()
