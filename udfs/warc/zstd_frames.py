"""Measure the frames of a zstd-compressed WARC by their own headers, so that a damaged frame costs itself alone.

The layout is RFC 8878's (section 3.1), the dictionary in the first frame the IIPC's (WARC-Zstandard 1.0).
"""

import io
from dataclasses import dataclass
from typing import Literal

from fastwarc.stream_io import ZstdReader

from udfs.reading.location import OpenAt, Stream
from udfs.warc.resync import extent, next_start, read_up_to
from udfs.warc.solid import Inflated

MAX_DICTIONARY_BYTES = 16 << 20

_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"  # after a byte from 0x50 to 0x5f
_DICTIONARY = b"\x5d\x2a\x4d\x18"
_MAX_BLOCK = 128 << 10


@dataclass(frozen=True)
class Frame:
    """A frame of a file: `inner` opens what it decompresses to, `inner_size` bytes; `why` says what is wrong with it.

    A broken one reaches up to the next frame that begins a record; its `inner` is what can be decompressed of it.
    """

    kind: Literal["data", "skippable"]
    length: int
    inner: Inflated
    inner_size: int = 0
    why: str | None = None

    def holds_many(self) -> bool:
        """Say whether a whole record and the beginning of another come out of it."""
        first = extent(self.inner.at, kind="plain", offset=0, size=self.inner_size)
        return first.intact and first.rest.startswith(b"WARC/")


def frame_at(open_at: OpenAt, *, offset: int, size: int, dictionary: bytes | None) -> Frame:
    """Measure the frame at `offset`, and decompress it once, in chunks, to see whether it is sound."""
    length = _skippable_length(open_at, offset=offset)
    if length is not None and offset + length <= size:
        return Frame("skippable", length, Inflated(open_at, "zstd", offset, 0))
    length = _data_length(open_at, offset=offset)
    if length is not None and offset + length <= size:
        inner = Inflated(open_at, "zstd", offset, length, dictionary)
        inner_size, why = inner.size()
        if why is None:
            return Frame("data", length, inner, inner_size)
    following = next_start(open_at, kind="zstd", start=offset + 1, limit=size, dictionary=dictionary)
    length = (size if following is None else following) - offset
    inner = Inflated(open_at, "zstd", offset, length, dictionary)
    inner_size, why = inner.size()
    return Frame("data", length, inner, inner_size, why or "no zstd frame begins here")


def straddled(open_at: OpenAt, *, size: int, dictionary: bytes | None) -> bool:
    """Say whether the first frame breaks off inside a record and the next does not begin one: one stream cut anywhere."""
    position = 0
    first: Frame | None = None
    while position < size:
        frame = frame_at(open_at, offset=position, size=size, dictionary=dictionary)
        if frame.inner_size and frame.why is None:
            if first is not None:
                return read_up_to(frame.inner.at, offset=0, count=5) != b"WARC/" and _breaks_off(first)
            first = frame
        position += frame.length
    return False


def _breaks_off(frame: Frame) -> bool:
    position = 0
    while position < frame.inner_size:
        record = extent(frame.inner.at, kind="plain", offset=position, size=frame.inner_size)
        if not record.intact:
            return True
        position += record.length
    return False


def dictionary_of(open_at: OpenAt) -> bytes | None:
    """Return the dictionary that a file brings in its first frame, None if it brings none that can be read."""
    length = _skippable_length(open_at, offset=0)
    if length is None or length > MAX_DICTIONARY_BYTES:
        return None
    frame = read_up_to(open_at, offset=0, count=length)
    if not frame.startswith(_DICTIONARY):
        return None
    content = frame[8:]
    if content.startswith(_MAGIC):
        try:
            content = ZstdReader(io.BytesIO(content)).read(MAX_DICTIONARY_BYTES)
        except OSError:
            return None
    return content or None


def _skippable_length(open_at: OpenAt, *, offset: int) -> int | None:
    head = read_up_to(open_at, offset=offset, count=8)
    if len(head) < 8 or head[0] >> 4 != 5 or head[1:4] != _SKIPPABLE:
        return None
    return 8 + int.from_bytes(head[4:], "little")


def _data_length(open_at: OpenAt, *, offset: int) -> int | None:
    """Add up a frame's header, blocks and checksum; None if they are none or the file ends before them."""
    stream = open_at(offset)
    try:
        head = _exactly(stream, 5)
        if len(head) < 5 or not head.startswith(_MAGIC):
            return None
        flags = head[4]
        single_segment = flags >> 5 & 1
        length = 5 + (1 - single_segment) + (0, 1, 2, 4)[flags & 3] + (single_segment, 2, 4, 8)[flags >> 6]
        _exactly(stream, length - 5)
        last = False
        while not last:
            block = _exactly(stream, 3)
            number = int.from_bytes(block, "little")
            last, kind, stored = bool(number & 1), number >> 1 & 3, number >> 3
            stored = 1 if kind == 1 else stored  # a run is stored as one byte
            if len(block) < 3 or kind == 3 or stored > _MAX_BLOCK or len(_exactly(stream, stored)) < stored:
                return None
            length += 3 + stored
        return length + (4 if flags & 4 else 0)
    finally:
        stream.close()


def _exactly(stream: Stream, count: int) -> bytes:
    """Read `count` bytes, fewer at the end of the file only."""
    data = b""
    while len(data) < count and (part := stream.read(count - len(data))):
        data += part
    return data
