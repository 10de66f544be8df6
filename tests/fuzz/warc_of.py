"""WARC files as a strategy: records with odd headers, packed in every way that crawlers pack them, and streams to read them by."""

import gzip
import io
from collections.abc import Iterable, Sequence

from fastwarc.stream_io import ZstdWriter
from hypothesis import strategies as st

from udfs.reading.location import LocationError

PACKINGS = ("gzip", "plain", "solid gzip", "zstd", "solid zstd", "gzip by two", "zstd by two")
BY_RECORD = ("gzip", "plain", "zstd")
WARC_WORDS = (
    b"WARC/1.0\r\n",
    b"WARC/1.0\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n",
    b"\r\n\r\n",
    b"\n\n",
    b"Content-Length: 9\r\n",
    b"\r\nContent-Length: -1\r\n",
    b"\x1f\x8b\x08",
    b"\x1f\x8b\x08\0\0\0\0\0\0\3",
    b"\x28\xb5\x2f\xfd",
    b"\x50\x2a\x4d\x18\x04\0\0\0abcd",
    gzip.compress(b"", mtime=0),
    gzip.compress(b"<html>", mtime=0),
    gzip.compress(b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n", mtime=0),
)
_LINES = (
    "WARC-Date: 2026-11-21T00:00:00Z",
    "WARC-Truncated: length",
    "X",
    ": y",
    "X-Fold: a\r\n b",
    "x: \u00e9\ud83d",
    "WARC-Type:",
)
_TYPES = ("response", "resource", "conversion", "request", "warcinfo", "RESPONSE", "odd", "")


class Kept(io.BytesIO):
    """A buffer that outlives the writer that closes it."""

    def close(self) -> None:
        pass


def zstd(data: bytes) -> bytes:
    """Compress into one zstd frame."""
    out = Kept()
    writer = ZstdWriter(out)
    written = writer.write(data)
    while written < len(data):  # it takes eight megabytes at once
        written += writer.write(data[written:])
    writer.close()
    return out.getvalue()


def record(
    number: int,
    body: bytes,
    *,
    kind: str = "response",
    extra: Sequence[str] = (),
    length: str | None = None,
    newline: str = "\r\n",
    tail: bytes = b"\r\n\r\n",
) -> bytes:
    """Write one record whose id is <urn:uuid:number>."""
    lines = (
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:{number}>",
        f"WARC-Target-URI: http://site.example/{number}",
        *extra,
        f"Content-Length: {len(body) if length is None else length}",
    )
    return (newline.join(lines) + newline * 2).encode("utf-8", "surrogatepass") + body + tail


def packed(parts: Sequence[bytes], packing: str) -> list[bytes]:
    """Compress records as a packing says; the pieces joined are the file."""
    if packing == "plain":
        return list(parts)
    if packing.startswith("solid"):
        parts = [b"".join(parts)] if parts else []
    elif packing.endswith("two"):
        parts = [b"".join(parts[start : start + 2]) for start in range(0, len(parts), 2)]
    return [zstd(part) if "zstd" in packing else gzip.compress(part, mtime=0) for part in parts]


def joined(parts: Iterable[bytes]) -> bytes:
    return b"".join(parts)


HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>words"
BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"", HTTP, HTTP * 30, bytes(3000), record(99, b"inner"), gzip.compress(record(98, b"inner"))]),
    st.builds(lambda seed, count: (seed * count)[:60_000], st.binary(min_size=1, max_size=9), st.integers(1, 9000)),
)
# Bodies in which nothing looks like a record, so that what lies behind damage cannot be taken for one.
DULL_BODIES = st.integers(0, 3000).map(lambda count: b"0123456789abcdef" * (count // 16) + b"x" * (count % 16))


@st.composite
def files(draw: st.DrawFn, *, packings: Sequence[str] = PACKINGS, bodies: st.SearchStrategy[bytes] = BODIES) -> bytes:
    """Make a WARC file of up to six records, most of them sound."""
    newlines = draw(st.sampled_from([["\r\n"], ["\r\n"], ["\n"], ["\r\r\n"], ["\r\n", "\n"]]))
    parts = [
        record(
            number,
            draw(bodies),
            kind=draw(st.sampled_from(_TYPES)),
            extra=draw(st.lists(st.sampled_from(_LINES), max_size=2)),
            length=draw(st.none() | st.none() | st.none() | st.sampled_from(["0", "7", "-1", "x", "", "99999", "9" * 30, "٣"])),
            newline=draw(st.sampled_from(newlines)),
            tail=draw(st.sampled_from([b"\r\n\r\n"] * 4 + [b"", b"\n", b"\r\n", b"\r\n" * 4, b"junk"])),
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    return joined(packed(parts, draw(st.sampled_from(packings))))


class Bytes(io.BytesIO):
    """A file in memory, opened at a byte, that hands out at most `most` bytes at once and breaks at byte `breaks`."""

    def __init__(self, data: bytes, offset: int, *, most: int, breaks: int | None) -> None:
        super().__init__(data)
        self.seek(offset)
        self._most, self._breaks = most, breaks

    def read(self, size: int | None = -1, /) -> bytes:
        if self._breaks is not None and self.tell() >= self._breaks:
            raise LocationError("memory", "the line is dead", "Try again")
        return super().read(self._most if size is None or size < 0 else min(size, self._most))
