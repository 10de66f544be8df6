"""Read the rows of a JSONL file, or of a byte range of one, in bounded memory; compressed files are read as one stream."""

import json
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from udfs.corpus.document import CorpusRow
from udfs.corpus.formats import Kind
from udfs.reading.location import Stream
from udfs.warc.records import Skipped
from udfs.warc.solid import Inflated

CHUNK_BYTES = 1 << 20
PIECE_BYTES = 1 << 14  # of compressed bytes: of the piece that holds damage nothing is read, so pieces are small
BOM = b"\xef\xbb\xbf"
BLANK = object()


class Line(NamedTuple):
    """A line: the byte where it begins, its bytes with the line feed, and its content, None if that is too long to be held."""

    offset: int
    length: int
    content: bytes | None


class Blank(NamedTuple):
    """A line of white space: no row, but bytes that were read."""

    length: int


def read_rows(
    stream: Stream, *, kind: Kind, start: int, end: int | None, size: int, max_row_bytes: int
) -> Iterator[CorpusRow | Blank | Skipped]:
    """Yield the rows of the lines that begin in [start, end), and at last the span that could not be decompressed, if any.

    `stream` stands at the file's first byte, or at byte start - 1 of an uncompressed one. A line longer than `max_row_bytes` is a
    row that failed as too_large, and is not held.
    """
    source = stream if kind == "plain" else _decompressed(stream, kind)
    end = end if kind == "plain" else None
    for line in lines(source, start=start, end=end, max_bytes=max_row_bytes):
        yield _row(line, max_row_bytes)
    broken = getattr(source, "broken", None)
    if broken:
        at = source.damaged_from if isinstance(source, GzipStream) else stream.tell()
        yield Skipped(at, size - at, f"it cannot be decompressed beyond {source.tell()} bytes: {broken}")


def lines(stream: Stream, *, start: int, end: int | None, max_bytes: int) -> Iterator[Line]:
    """Yield the lines that begin in [start, end); for a `start` > 0 the stream stands one byte before it.

    A range owns the lines that begin in it, so ranges that tile a file give every line once.
    """
    offset = max(0, start - 1)  # where the line in hand begins
    foreign = start > 0  # it begins before the range
    parts: list[bytes] = []
    held = 0
    while chunk := stream.read(CHUNK_BYTES):
        *ends, rest = chunk.split(b"\n")
        for piece in ends:
            held += len(piece)
            if not foreign:
                content = b"".join((*parts, piece)) if held <= max_bytes else None
                yield Line(offset, held + 1, content)
            offset += held + 1
            foreign, parts, held = False, [], 0
            if end is not None and offset >= end:
                return
        held += len(rest)
        if held <= max_bytes and not foreign:
            parts.append(rest)
        else:
            parts = []
    if held and not foreign:
        yield Line(offset, held, b"".join(parts) if held <= max_bytes else None)


def _row(line: Line, max_row_bytes: int) -> CorpusRow | Blank:
    if line.content is None:
        error = f"the line has {line.length} bytes, more than {max_row_bytes}"
        return CorpusRow(line.offset, line.length, None, ("too_large", error))
    try:
        values = parse(line.content)
    except UnicodeDecodeError as error:
        return CorpusRow(line.offset, line.length, None, ("invalid_utf8", f"the line is not UTF-8: {error}"))
    except (ValueError, RecursionError) as error:
        return CorpusRow(line.offset, line.length, None, ("bad_row", f"the line is not JSON: {error}"))
    if values is BLANK:
        return Blank(line.length)
    if not isinstance(values, dict):
        return CorpusRow(
            line.offset, line.length, None, ("bad_row", f"the line holds no JSON object but {type(values).__name__}")
        )
    return CorpusRow(line.offset, line.length, values)


def parse(content: bytes) -> Any:
    """Return the value of a line, BLANK for a line of white space; raises ValueError or RecursionError.

    Of keys that stand twice the last counts. NaN and the infinities, which Python's writers leave in JSON, are null.
    """
    text = content.removeprefix(BOM).decode("utf-8")
    if not text.strip(" \t\r\n"):
        return BLANK
    return json.loads(text, parse_constant=lambda _: None)


def _decompressed(stream: Stream, kind: Kind) -> Stream:
    return GzipStream(stream) if kind == "gzip" else Inflated(lambda _: stream, "zstd").at(0)


class GzipStream:
    """The decompressed bytes of gzip members; a file that breaks off inside a member is told in `broken`, as damage is."""

    def __init__(self, stream: Stream) -> None:
        self.broken: str | None = None
        self.damaged_from = 0  # the compressed byte up to which all was read, if it is broken
        self._stream = stream
        self._position = 0
        self._taken = 0
        self._input = b""
        self._member = zlib.decompressobj(wbits=31)
        self._begun = False  # the member in hand has had a byte

    def tell(self) -> int:
        """Return the offset of the next byte among the decompressed ones."""
        return self._position

    def close(self) -> None:
        """Close the compressed stream."""
        self._stream.close()

    def read(self, size: int = CHUNK_BYTES, /) -> bytes:
        """Return at most `size` decompressed bytes, b"" at the end or where decompression fails."""
        data = b""
        while not data and self.broken is None and self._fill():
            try:
                data = self._member.decompress(self._input, size)
            except zlib.error as error:
                self.broken, self.damaged_from = str(error), self._taken
                return b""
            self._begun = True
            self._input = self._member.unconsumed_tail
            if self._member.eof:
                self._input = self._member.unused_data
                self._member, self._begun = zlib.decompressobj(wbits=31), False
        self._position += len(data)
        return data

    def _fill(self) -> bool:
        """Have a piece of compressed bytes at hand; always of one size, so that damage is met at the same byte every time."""
        if not self._begun:
            self._input = self._input.lstrip(b"\0")  # gzip allows zeros behind a member
        while not self._input:
            self._taken = self._stream.tell()
            parts, wanted = [], PIECE_BYTES
            while wanted and (part := self._stream.read(wanted)):
                parts.append(part)
                wanted -= len(part)
            self._input = b"".join(parts)
            if not self._input:
                if self._begun:
                    self.broken, self.damaged_from = "the file ends inside a gzip member", self._taken
                return False
            if not self._begun:
                self._input = self._input.lstrip(b"\0")
        return True
