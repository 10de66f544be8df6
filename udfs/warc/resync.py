"""Find where WARC records begin and end without trusting them: the slow path, for files that are broken or split."""

import io
import re
import zlib
from dataclasses import dataclass
from typing import Literal

from fastwarc.stream_io import ZstdReader

from udfs.reading.location import OpenAt

Kind = Literal["gzip", "zstd", "plain"]

CHUNK_BYTES = 1 << 20
HEADER_BYTES = 1 << 16  # a record header longer than this is taken for broken
ZSTD_BLOCK_BYTES = (128 << 10) + 32  # nothing of a block is decompressed before all of it is there
HEAD_BYTES = 1 << 18  # what `splittable` wants to see of a file

_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_STARTS = {
    "gzip": re.compile(re.escape(_GZIP)),
    "zstd": re.compile(re.escape(_ZSTD)),
    "plain": re.compile(rb"WARC/[01]\.\d+\r*\n"),  # not at a line's start only: some writers end no record with a line
}
_CONTENT_LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,18})[ \t\r]*\n", re.IGNORECASE)
_HEADER_END = re.compile(rb"\n\r*\n")


@dataclass(frozen=True)
class Extent:
    """How far the member or record at some offset reaches, in bytes of the file.

    `intact` says that it decompresses with a right checksum and is not shorter than its Content-Length; `rest` holds
    the first bytes that follow the record inside its member (uncompressed: in the file), blank lines left out.
    """

    length: int
    intact: bool
    rest: bytes


def kind_of(head: bytes) -> Kind:
    """Tell from a file's first bytes how it is compressed; after junk at its beginning, the first record tells."""
    if head.startswith(_GZIP[:2]):
        return "gzip"
    if head.startswith(_ZSTD) or head[1:4] == b"\x2a\x4d\x18":
        return "zstd"
    if not head.startswith(b"WARC/"):
        kinds: tuple[Kind, ...] = ("gzip", "zstd")
        for kind in kinds:
            if next_start(lambda offset: io.BytesIO(head[offset:]), kind=kind, start=0, limit=len(head)) is not None:
                return kind
    return "plain"


def splittable(head: bytes) -> bool:
    """Say whether a file can be read from the middle: one gzip member a record, or uncompressed.

    `head` is the first HEAD_BYTES of the file. The first member must end inside it and hold exactly one record; a file
    that is one single member, or zstd, can be read from its beginning only.
    """
    kind = kind_of(head)
    if kind == "plain":
        return head.startswith(b"WARC/")
    if kind == "zstd":
        return False
    length, intact, seen = _inflate_member(lambda offset: io.BytesIO(head[offset:]), 0, len(head))
    return intact and length <= len(head) and seen.end is not None and not seen.rest


def holds_many(open_at: OpenAt) -> bool:
    """Say whether the first gzip member holds more than one record, as where a file was gzipped whole.

    If its first record is damaged, another that begins in its first HEAD_BYTES tells.
    """
    stream, inflater, seen, head = open_at(0), zlib.decompressobj(31), _Seen(), b""
    try:
        while not inflater.eof and not seen.rest and (data := inflater.unconsumed_tail or stream.read(1 << 12)):
            inflated = inflater.decompress(data, CHUNK_BYTES)
            seen.add(inflated)
            head += inflated[: HEAD_BYTES - len(head)]
    except zlib.error:
        pass
    finally:
        stream.close()
    if seen.end is not None and not seen.rest:
        return False
    second = next_start(lambda offset: io.BytesIO(head[offset:]), kind="plain", start=5, limit=len(head))
    return seen.rest.startswith(b"WARC/") or second is not None


def line_feeds_only(head: bytes, *, kind: Kind) -> bool:
    """Say whether a file's first header line ends in a bare line feed or in CR CR LF, which the standard forbids."""
    start = _first_bytes(head, kind=kind, count=64)
    return re.match(rb"WARC/[\d.]+(?:\n|\r\r)", start) is not None


def next_start(open_at: OpenAt, *, kind: Kind, start: int, limit: int, dictionary: bytes | None = None) -> int | None:
    """Return the first offset in [start, limit) at which a record begins, or None.

    A gzip member or zstd frame counts if it decompresses to "WARC/", a line "WARC/1.x" or "WARC/0.x" if a header with a
    Content-Length or WARC-Type follows.
    """
    sight = ZSTD_BLOCK_BYTES if kind == "zstd" else HEADER_BYTES
    base = start
    stream, window = open_at(base), b""
    try:
        while True:
            data = stream.read(CHUNK_BYTES)
            window += data
            complete = len(window) if not data else max(len(window) - sight, 0)  # of these the header is in sight
            for match in _STARTS[kind].finditer(window):
                offset = base + match.start()
                if offset >= limit:
                    return None
                if match.start() >= complete:
                    break
                if _begins_record(window[match.start() : match.start() + sight], kind=kind, dictionary=dictionary):
                    return offset
            if not data or base + complete >= limit:
                return None
            window, base = window[complete:], base + complete
    finally:
        stream.close()


def _begins_record(data: bytes, *, kind: Kind, dictionary: bytes | None) -> bool:
    if kind != "plain":
        return _first_bytes(data, kind=kind, count=5, dictionary=dictionary) == b"WARC/"
    end = _HEADER_END.search(data)
    header = data[: end.start() if end else len(data)].lower()
    return b"\ncontent-length:" in header or b"\nwarc-type:" in header


def _first_bytes(data: bytes, *, kind: Kind, count: int, dictionary: bytes | None = None) -> bytes:
    """Decompress the first bytes of a member of which `data` is the beginning; b"" if it is none."""
    try:
        if kind == "gzip":
            return zlib.decompressobj(31).decompress(data, count)
        return ZstdReader(io.BytesIO(data), dictionary=dictionary).read(count) if kind == "zstd" else data[:count]
    except (zlib.error, OSError):
        return b""


def extent(open_at: OpenAt, *, kind: Literal["gzip", "plain"], offset: int, size: int) -> Extent:
    """Measure the member or record at `offset` in chunks; memory stays bounded whatever it decompresses to."""
    if kind == "plain":
        return _plain_extent(open_at, offset=offset, size=size)
    length, intact, seen = _inflate_member(open_at, offset, size)
    return Extent(length, intact and seen.end is not None and seen.total >= seen.end, seen.rest)


class _Seen:
    """What a decompressed member showed in passing: where its record ends, its length, what follows the record."""

    def __init__(self) -> None:
        self.total = 0
        self.end: int | None = None
        self.rest = b""
        self._head = b""

    def add(self, data: bytes) -> None:
        if self.end is None and len(self._head) < HEADER_BYTES:
            self._head += data[: HEADER_BYTES - len(self._head)]
            self.end = _record_end(self._head)
        if self.end is not None and len(self.rest) < 8 and self.total + len(data) > self.end:
            self.rest = (self.rest + data[max(self.end - self.total, 0) :][:64]).lstrip(b"\r\n")[:8]
        self.total += len(data)


def _record_end(head: bytes) -> int | None:
    """Return the length of the record that `head` begins, by its Content-Length; None if it has no sound header."""
    blank = _HEADER_END.search(head)
    if not head.startswith(b"WARC/") or blank is None:
        return None
    length = _CONTENT_LENGTH.search(head, 0, blank.end())
    return blank.end() + int(length[1]) if length else None


def _inflate_member(open_at: OpenAt, offset: int, size: int) -> tuple[int, bool, _Seen]:
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


def _plain_extent(open_at: OpenAt, *, offset: int, size: int) -> Extent:
    end = _record_end(read_up_to(open_at, offset=offset, count=HEADER_BYTES))
    if end is None or offset + end > size:
        return Extent(size - offset, False, b"")
    tail = read_up_to(open_at, offset=offset + end, count=64)
    rest = tail.lstrip(b"\r\n")
    blank = len(tail) - len(rest)
    return Extent(end + blank, blank >= 2 or not rest or rest.startswith(b"WARC/"), rest[:8])


def read_up_to(open_at: OpenAt, *, offset: int, count: int) -> bytes:
    """Read `count` bytes from `offset`, fewer at the end of the file."""
    stream, data = open_at(offset), b""
    try:
        while len(data) < count and (part := stream.read(count - len(data))):
            data += part
        return data
    finally:
        stream.close()
