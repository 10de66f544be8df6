"""Take an HTTP response apart as a WARC holds it, and undo its transfer and content encodings within a size limit.

Common Crawl stores decoded bodies and renames those headers to X-Crawl-*; other crawlers store what came over the wire.
"""

import io
import re
import zlib
from dataclasses import dataclass

from fastwarc.stream_io import BrotliReader, ZstdReader

MAX_HEADER_BYTES = 1 << 18
MAX_HEADERS = 1000
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
TEXT_TYPES = HTML_TYPES | {"text/plain"}

_STATUS = re.compile(rb"HTTP/\d+(?:\.\d+)?[ \t]+(\d{3})(?!\d)", re.IGNORECASE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\n]{0,256})?\r?\n")
# Possessive and atomic throughout: headers and bodies are read in the worker itself, where no timeout ends a match.
_HTML_START = re.compile(
    rb"\s*+(?:<!--(?>.{0,4096}?-->)\s*+)*+<(?:!doctype html|html|head|body|title|meta|script|table|div|p|h1|a)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(r"charset\s*+=\s*+[\"']?\s*+([^\s\"';,]{1,64})", re.IGNORECASE)
_BINARY_STARTS = (b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\0asm", b"wOF2", b"\x7fELF")


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
    """Split an HTTP response; lines without a colon are left out, at most MAX_HEADERS headers are kept.

    A block without an HTTP status line has status None, no headers, and itself as body.
    """
    status = _STATUS.match(block)
    if status is None and block[:5].upper() != b"HTTP/":
        return HttpMessage(None, (), block)
    blank = _BLANK.search(block, 0, MAX_HEADER_BYTES)
    head = block[: blank.start() if blank else min(len(block), MAX_HEADER_BYTES)]
    headers = []
    for line in _FOLD.sub(b" ", head).split(b"\n", MAX_HEADERS + 1)[1 : MAX_HEADERS + 1]:
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            headers.append((_text(name).lower(), _text(value)))
    return HttpMessage(int(status[1]) if status else None, tuple(headers), block[blank.end() :] if blank else b"")


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\0", "").strip()


def decode_body(message: HttpMessage, *, max_bytes: int) -> bytes:
    """Undo chunking and gzip, deflate, br and zstd, however often declared; a label that lies is ignored.

    Raises TooLarge beyond `max_bytes` (nothing larger is ever held) and Undecodable for a broken br or zstd body. Of a
    gzip or deflate body that is cut off, what came before the cut is returned.
    """
    body = message.body
    if any("chunked" in value.lower() for value in message.values("transfer-encoding")):
        body = _unchunk(body)
    encodings = [name.strip() for value in message.values("content-encoding") for name in value.lower().split(",")]
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
    if encoding in ("gzip", "x-gzip"):
        return _inflate(body, window=31, max_bytes=max_bytes) if body.startswith(b"\x1f\x8b") else body
    if encoding == "deflate":
        zlib_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
        return _inflate(body, window=15 if zlib_header else -15, max_bytes=max_bytes)
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
        if not out and _is_text(body):
            return body
        if not out:
            raise Undecodable("the body is neither compressed as it says nor text") from None
    return bytes(out)


def _read(reader: BrotliReader | ZstdReader, *, body: bytes, encoding: str, max_bytes: int) -> bytes:
    out = bytearray()
    try:
        while data := reader.read(1 << 18):
            out += data
            if len(out) > max_bytes:
                raise TooLarge(f"the body decompresses to more than {max_bytes} bytes")
    except OSError as error:
        if _is_text(body):
            return body
        raise Undecodable(f"the body is no {encoding} ({error})") from error
    return bytes(out)


def _is_text(body: bytes) -> bool:
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


def mime_of(*, identified: str | None, declared: str | None, body: bytes) -> str:
    """Name the media type of a body: as the crawler identified it, else as the server did, else by its first bytes.

    Bytes that begin like a PDF, an image or an archive are application/octet-stream whatever was said of them.
    """
    if body.startswith(_BINARY_STARTS):
        return "application/octet-stream"
    for label in (identified, declared):
        name = (label or "").partition(";")[0].partition(",")[0].strip().lower()
        if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", name) and name not in ("application/octet-stream", "unk/unk"):
            return name
    if _HTML_START.match(body[:8192]):
        return "text/html"
    return "text/plain" if _is_text(body) else "application/octet-stream"


def charset_of(content_type: str | None) -> str | None:
    """Return the charset parameter of a Content-Type header."""
    found = _CHARSET.search(content_type or "")
    return found[1] if found else None
