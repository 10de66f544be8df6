"""Find where WARC records begin and end without trusting them: the slow path, taken only where a file is broken or split."""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fastwarc.stream_io import ZstdReader

from udfs.location import LocationError, Stream

OpenAt = Callable[[int], Stream]
Kind = Literal["gzip", "zstd", "plain"]

CHUNK_BYTES = 1 << 20
HEADER_BYTES = 1 << 16  # a record header longer than this is taken for broken
HEAD_BYTES = 1 << 18  # what `splittable` wants to see of a file

_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_PLAIN = re.compile(rb"(?<![^\n])WARC/[01]\.\d+\r?\n")
_CONTENT_LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Extent:
    """How far the member or record at some offset reaches, in bytes of the file.

    `intact` says that it decompresses with a right checksum and that its Content-Length is a number; `rest` holds the first
    bytes that follow the record inside its member (uncompressed: in the file), blank lines left out.
    """

    length: int
    intact: bool
    rest: bytes


def kind_of(head: bytes) -> Kind:
    """Tell from a file's first bytes how it is compressed."""
    if head.startswith(_GZIP[:2]):
        return "gzip"
    return "zstd" if head.startswith(_ZSTD) or head[1:4] == b"\x2a\x4d\x18" else "plain"


def splittable(head: bytes) -> bool:
    """Say whether a file can be read from the middle: one gzip member a record, or uncompressed.

    `head` is the first HEAD_BYTES of the file. The first member must end inside it and hold exactly one record; a file that is
    one single member, or zstd, can be read from its beginning only.
    """
    if kind_of(head) == "plain":
        return head.startswith(b"WARC/")
    if kind_of(head) == "zstd":
        return False
    try:
        inflater = zlib.decompressobj(31)
        member = inflater.decompress(head, CHUNK_BYTES)
    except zlib.error:
        return False
    if not inflater.eof:
        return False
    end = _record_end(member)
    return end is not None and not member[end:].strip(b"\r\n") and not inflater.unused_data.strip(b"\0")[:1].isalnum()


def next_start(open_at: OpenAt, *, kind: Kind, start: int, limit: int) -> int | None:
    """Return the first offset in [start, limit) at which a record begins, or None.

    A gzip or zstd member counts if it decompresses to "WARC/", a line "WARC/1.x" or "WARC/0.x" if a header with a
    Content-Length or WARC-Type follows.
    """
    stream = open_at(max(start - 1, 0))  # one byte earlier, to see whether `start` begins a line
    window, base = b"", max(start - 1, 0)
    try:
        while True:
            data = stream.read(CHUNK_BYTES)
            window += data
            last = not data
            upto = len(window) if last else max(len(window) - HEADER_BYTES, 0)
            for found in _candidates(window, kind=kind, upto=upto):
                offset = base + found
                if offset >= limit:
                    return None
                if offset >= start and _begins_record(window[found : found + HEADER_BYTES], kind=kind):
                    return offset
            if last or base + upto >= limit:
                return None
            keep = max(upto - 1, 0)
            window, base = window[keep:], base + keep
    finally:
        stream.close()


def _candidates(window: bytes, *, kind: Kind, upto: int) -> list[int]:
    if kind == "plain":
        return [match.start() for match in _PLAIN.finditer(window) if match.start() < upto]
    return [match.start() for match in re.finditer(re.escape(_GZIP if kind == "gzip" else _ZSTD), window) if match.start() < upto]


def _begins_record(data: bytes, *, kind: Kind) -> bool:
    if kind == "plain":
        end = _HEADER_END.search(data)
        header = data[: end.start() if end else len(data)].lower()
        return b"\ncontent-length:" in header or b"\nwarc-type:" in header
    try:
        if kind == "gzip":
            return zlib.decompressobj(31).decompress(data, 5) == b"WARC/"
        return ZstdReader(BytesStream(data)).read(5) == b"WARC/"
    except (zlib.error, OSError):
        return False


def extent(open_at: OpenAt, *, kind: Kind, offset: int, size: int) -> Extent:
    """Measure the member or record at `offset` in chunks; memory stays bounded whatever it decompresses to."""
    if kind == "plain":
        return _plain_extent(open_at, offset=offset, size=size)
    length, intact, seen = (_gzip_member if kind == "gzip" else _zstd_frame)(open_at, offset, size)
    return Extent(length, intact and seen.end is not None and seen.total >= seen.end, seen.rest)


class _Seen:
    """What a decompressed member showed while passing by: its header's verdict, its length, and what follows its record."""

    def __init__(self) -> None:
        self.total = 0
        self.end: int | None = None
        self.rest = b""
        self._head = b""

    def add(self, data: bytes) -> None:
        if len(self._head) < HEADER_BYTES and self.end is None:
            self._head += data[: HEADER_BYTES - len(self._head)]
            self.end = _record_end(self._head)
        if self.end is not None and len(self.rest) < 8:
            after = data[max(self.end - self.total, 0) :] if self.total + len(data) > self.end else b""
            self.rest = (self.rest + after[:64]).lstrip(b"\r\n")[:8]
        self.total += len(data)


def _record_end(head: bytes) -> int | None:
    """Return the length of the record that `head` begins with, by its Content-Length; None if it has no sound header."""
    blank = _HEADER_END.search(head)
    if not head.startswith(b"WARC/") or blank is None:
        return None
    length = _CONTENT_LENGTH.search(head, 0, blank.end())
    return blank.end() + int(length[1]) if length else None


def _gzip_member(open_at: OpenAt, offset: int, size: int) -> tuple[int, bool, _Seen]:
    stream, inflater, seen, taken = open_at(offset), zlib.decompressobj(31), _Seen(), 0
    try:
        while not inflater.eof:
            data = inflater.unconsumed_tail
            if not data:
                data = stream.read(1 << 16)
                taken += len(data)
                if not data:
                    return size - offset, False, seen
            seen.add(inflater.decompress(data, CHUNK_BYTES))
        return taken - len(inflater.unused_data), True, seen
    except zlib.error:
        return taken, False, seen
    finally:
        stream.close()


def _zstd_frame(open_at: OpenAt, offset: int, size: int) -> tuple[int, bool, _Seen]:
    following = next_start(open_at, kind="zstd", start=offset + 1, limit=size)
    length, seen = (size if following is None else following) - offset, _Seen()
    stream = open_at(offset)
    reader = ZstdReader(_Limited(stream, length))
    try:
        while data := reader.read(CHUNK_BYTES):
            seen.add(data)
        return length, True, seen
    except LocationError:
        raise
    except OSError:
        return length, False, seen
    finally:
        stream.close()


def _plain_extent(open_at: OpenAt, *, offset: int, size: int) -> Extent:
    stream = open_at(offset)
    head = _read_full(stream, HEADER_BYTES)
    stream.close()
    end = _record_end(head)
    if end is None or offset + end > size:
        return Extent(size - offset, False, b"")
    stream = open_at(offset + end)
    tail = _read_full(stream, 64)
    stream.close()
    rest = tail.lstrip(b"\r\n")
    blank = len(tail) - len(rest)
    return Extent(end + blank, blank >= 2 or not rest or rest.startswith(b"WARC/"), rest[:8])


def _read_full(stream: Stream, count: int) -> bytes:
    parts = b""
    while len(parts) < count and (data := stream.read(count - len(parts))):
        parts += data
    return parts


class BytesStream:
    """Bytes as the stream that FastWARC wants: with `tell`, without seeking."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._data[self._position : None if size < 0 else self._position + size]
        self._position += len(data)
        return data

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise OSError("not seekable")

    def close(self) -> None:
        self._data = b""


class _Limited:
    """The next `length` bytes of a stream as a stream."""

    def __init__(self, stream: Stream, length: int) -> None:
        self._stream = stream
        self._left = length
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        self._position += len(data)
        return data

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise OSError("not seekable")

    def close(self) -> None:
        self._left = 0
