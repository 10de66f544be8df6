"""Tell what a corpus file is, by its name and then by its first bytes, and open it at a range."""

from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from udfs.corpus.errors import UnknownFormat
from udfs.reading.location import InputFile, Stream

Kind = Literal["parquet", "plain", "gzip", "zstd"]

PARQUET_NAMES = (".parquet", ".pq")
JSON_NAMES = (".jsonl", ".json", ".ndjson")
COMPRESSED_NAMES = ("", ".gz", ".zst", ".zstd")
DATA_NAMES = (*PARQUET_NAMES, *(name + packed for name in JSON_NAMES for packed in COMPRESSED_NAMES))
MAGIC: tuple[tuple[bytes, Kind], ...] = ((b"PAR1", "parquet"), (b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
HEAD_BYTES = 4


class Opened(NamedTuple):
    """A file's kind; and, of JSONL, the stream at the range's start (of an uncompressed one, one byte before it)."""

    kind: Kind
    stream: Stream | None


def is_named(location: str, names: tuple[str, ...]) -> bool:
    """Say whether a path or URL ends in one of the names, whatever its case or query."""
    path = urlsplit(location).path if "://" in location else location
    return path.lower().endswith(names)


def open_range(file: InputFile, location: str, *, start: int) -> Opened:
    """Open a range of a file; raises UnknownFormat, or LocationError where the file cannot be read.

    What a name promises counts for Parquet. How JSONL is compressed is told by the first bytes alone, for names often lie about it.
    """
    if is_named(location, PARQUET_NAMES):
        return Opened("parquet", None)
    if start > 0 and is_named(location, JSON_NAMES):
        return Opened("plain", file.open_at(start - 1))
    stream = file.open_at(0)
    head = _exactly(stream, HEAD_BYTES)
    kind = kind_of(head, location)
    if kind == "parquet" or start > 0:
        stream.close()
        return Opened(kind, None if kind == "parquet" else file.open_at(start - 1 if kind == "plain" else 0))
    return Opened(kind, _Pushed(head, stream))


def kind_of(head: bytes, location: str) -> Kind:
    """Tell the kind by the first bytes; raises UnknownFormat."""
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if is_named(location, DATA_NAMES) or head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return "plain"
    raise UnknownFormat(
        f"{location}: it is neither Parquet nor JSONL (it begins with {head!r}), so no row was read. Take it out of [run] input"
    )


def _exactly(stream: Stream, count: int) -> bytes:
    data = b""
    while len(data) < count and (part := stream.read(count - len(data))):
        data += part
    return data


class _Pushed:
    """A stream with the bytes that were read off it to tell its kind put back."""

    def __init__(self, head: bytes, stream: Stream) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        if not self._head:
            return self._stream.read(size)
        head = self._head if size < 0 else self._head[:size]
        self._head = self._head[len(head) :]
        return head + self._stream.read() if size < 0 else head

    def tell(self) -> int:
        return self._stream.tell() - len(self._head)

    def close(self) -> None:
        self._stream.close()
