"""Undo the transfer and content encodings of an HTTP response's body within a size limit.

Common Crawl stores decoded bodies and renames those headers to X-Crawl-*; other crawlers store what came over the wire.
"""

import io
import zlib
from contextlib import suppress

from fastwarc.stream_io import BrotliReader, ZstdReader

from udfs.page.http_message import CHUNK, HttpMessage

PIECE_BYTES = 1 << 12  # that are decoded at once where a body is broken


class TooLarge(Exception):
    """A body that decodes to more bytes than the limit allows."""


class Undecodable(Exception):
    """A body whose content encoding cannot be undone, so that its bytes are no text."""


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
    while (size := CHUNK.match(body, position)) is not None:
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts)
        parts.append(body[size.end() : size.end() + length])
        position = size.end() + length
        position += 2 if body[position : position + 2] == b"\r\n" else body[position : position + 1] == b"\n"
    return b"".join(parts) if parts else body
