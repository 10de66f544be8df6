"""Take an HTTP response apart as a WARC holds it, and undo its transfer and content encodings within a size limit.

Common Crawl stores decoded bodies and renames those headers to X-Crawl-*; other crawlers store what came over the wire.
"""

import io
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from fastwarc.stream_io import BrotliReader, ZstdReader

MAX_HEADER_BYTES = 1 << 18
MAX_HEADERS = 1000
PIECE_BYTES = 1 << 12  # that are decoded at once where a body is broken
MAX_ANSWERS = 8  # in one record: interim ones, a proxy's, and the server's

_STATUS = re.compile(rb"HTTP/\d+(?:\.\d+)?[ \t]+(\d{3})(?!\d)", re.IGNORECASE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_BLANKS = " \t\n\r\x0b\f"  # what bytes.strip() takes
_FOLD = re.compile(rb"\r?\n[ \t]+")
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\n]{0,256})?\r?\n")
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


class TooLarge(Exception):
    """A body that decodes to more bytes than the limit allows."""


class Undecodable(Exception):
    """A body whose content encoding cannot be undone, so that its bytes are no text."""


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
        while (size := _CHUNK.match(message.body, position)) is not None and int(size[1], 16):
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


def decode_body(message: HttpMessage, *, max_bytes: int) -> bytes:
    """Undo chunking and gzip, deflate, br and zstd, however often declared; a label that lies is ignored.

    Raises TooLarge beyond `max_bytes` (nothing larger is ever held) and Undecodable for a body that is not what its label says, and
    no text. Of a body that is cut off, what came before the cut is returned; a checksum that is wrong counts as little as in browsers.
    """
    body = message.body
    if any("chunked" in value.lower() for value in message.values("transfer-encoding")):
        body = _unchunk(body)
    coded = (*message.values("content-encoding"), *message.values("transfer-encoding"))  # the latter were put on last
    named = [name.partition(";")[0].strip(" \t\"'") for value in coded for name in value.lower().split(",")]
    encodings = [name for name in named if name != "chunked"]
    for encoding in reversed(encodings[:4]):
        body = _decode(body, encoding=encoding, max_bytes=max_bytes)
    for _ in range(2):  # compressed once more than the headers say
        if body.startswith(b"\x1f\x8b\x08"):
            body = _inflate(body, window=31, max_bytes=max_bytes)
    if len(body) > max_bytes:
        raise TooLarge(f"{len(body)} bytes, more than {max_bytes}")
    return body


def _decode(body: bytes, *, encoding: str, max_bytes: int) -> bytes:
    if not body:
        return body
    if encoding in ("gzip", "x-gzip", "deflate", "x-deflate"):  # servers take one for the other
        if body.startswith(b"\x1f\x8b"):
            return _inflate(body, window=31, max_bytes=max_bytes)
        if len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0 and not _is_text(body):
            return _inflate(body, window=15, max_bytes=max_bytes)
        return _inflate(body, window=-15, max_bytes=max_bytes) if encoding.endswith("deflate") else body
    if encoding == "br":
        return _read(BrotliReader(io.BytesIO(body)), body=body, encoding=encoding, max_bytes=max_bytes)
    if encoding == "zstd":
        return _read(ZstdReader(io.BytesIO(body)), body=body, encoding=encoding, max_bytes=max_bytes)
    return body


def _inflate(body: bytes, *, window: int, max_bytes: int) -> bytes:
    """Inflate a body; of gzip all members, as RFC 1952 has it, junk after the last being left out."""
    inflater = zlib.decompressobj(window)
    out = bytearray()
    data = body
    try:
        while data and not inflater.eof:
            out += inflater.decompress(data, 1 << 20)
            if len(out) > max_bytes:
                raise TooLarge(f"the body decompresses to more than {max_bytes} bytes")
            data = inflater.unconsumed_tail
            if window == 31 and inflater.unused_data.startswith(b"\x1f\x8b\x08"):
                data, inflater = inflater.unused_data, zlib.decompressobj(window)
    except zlib.error:
        out = max(_inflated_to_fault(body, window=window, max_bytes=max_bytes), out, key=len)
        if not out and _is_text(body):
            return body
        if not out:
            raise Undecodable("the body is neither compressed as it says nor text") from None
    return bytes(out)


def _inflated_to_fault(body: bytes, *, window: int, max_bytes: int) -> bytearray:
    """Inflate what comes before a fault, by the byte where it is; the length and checksum behind a gzip member may be wrong."""
    inflater = zlib.decompressobj(window)
    out = bytearray()
    for start in range(0, len(body), PIECE_BYTES):
        piece, before = body[start : start + PIECE_BYTES], inflater.copy()
        try:
            out += inflater.decompress(piece)
        except zlib.error:
            with suppress(zlib.error):
                for byte in piece:
                    out += before.decompress(bytes((byte,)))
            break
        if len(out) > max_bytes:
            raise TooLarge(f"the body decompresses to more than {max_bytes} bytes")
    return out


def _read(reader: BrotliReader | ZstdReader, *, body: bytes, encoding: str, max_bytes: int) -> bytes:
    out = bytearray()
    try:
        while data := reader.read(PIECE_BYTES):
            out += data
            if len(out) > max_bytes:
                raise TooLarge(f"the body decompresses to more than {max_bytes} bytes")
    except OSError as error:
        if body.startswith(b"\x1f\x8b\x08"):
            return _inflate(body, window=31, max_bytes=max_bytes)
        if _is_text(out):
            return bytes(out)
        if _is_text(body):
            return body
        raise Undecodable(f"the body is no {encoding} ({error})") from error
    return bytes(out)


def _is_text(body: bytes | bytearray) -> bool:
    start = body[:1024]
    return bool(start) and sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in start) == 0


def _unchunk(body: bytes) -> bytes:
    """Join the chunks; a body that begins with none is not chunked, one that breaks off is kept as far as it goes."""
    parts: list[bytes] = []
    position = 0
    while (size := _CHUNK.match(body, position)) is not None:
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts)
        parts.append(body[size.end() : size.end() + length])
        position = size.end() + length
        position += 2 if body[position : position + 2] == b"\r\n" else body[position : position + 1] == b"\n"
    return b"".join(parts) if parts else body
