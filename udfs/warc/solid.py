"""Read what a file, or a part of it, decompresses to by offsets of its own, so that damage inside can be stepped over."""

from dataclasses import dataclass
from typing import BinaryIO, Literal, cast

from fastwarc.stream_io import GzipReader, ZstdReader

from udfs.reading.location import LocationError, OpenAt, Stream
from udfs.warc.resync import CHUNK_BYTES

PIECE_BYTES = 1 << 12  # of a piece with damage in it the readers give nothing, so pieces are small


@dataclass(frozen=True)
class Inflated:
    """The decompressed bytes of `length` bytes of a file from `offset`, by default of all of it."""

    open_at: OpenAt
    kind: Literal["gzip", "zstd"]
    offset: int = 0
    length: int | None = None
    dictionary: bytes | None = None  # of zstd frames

    def at(self, start: int) -> "InflatedStream":
        """Open at a decompressed byte; everything before it is decompressed and thrown away."""
        stream = self.open_at(self.offset)
        return InflatedStream(stream if self.length is None else _Limited(stream, self.length), inflated=self, start=start)

    def size(self) -> tuple[int, str | None]:
        """Return how many bytes come out, and what stopped them if not the end; one pass in chunks."""
        stream = self.at(0)
        try:
            while stream.read(CHUNK_BYTES):
                pass
            return stream.tell(), stream.broken
        finally:
            stream.close()


class InflatedStream:
    """The decompressed bytes of a stream from byte `start`; what cannot be decompressed ends it and is told in `broken`."""

    def __init__(self, stream: Stream, *, inflated: Inflated, start: int) -> None:
        self.broken: str | None = None
        self._stream = stream
        self._position = 0
        self._piece = b""
        compressed = cast(BinaryIO, stream)
        self._reader: GzipReader | ZstdReader = (
            GzipReader(compressed, buffer_size=PIECE_BYTES)
            if inflated.kind == "gzip"
            else ZstdReader(compressed, buffer_size=PIECE_BYTES, dictionary=inflated.dictionary)
        )
        while self._position < start and self.read(min(CHUNK_BYTES, start - self._position)):
            pass

    def tell(self) -> int:
        """Return the offset of the next byte among the decompressed ones."""
        return self._position

    def close(self) -> None:
        """Close the compressed stream."""
        self._stream.close()

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` decompressed bytes, b"" at the end or where decompression fails."""
        wanted = CHUNK_BYTES if size < 0 else size
        parts: list[bytes] = []
        while wanted > 0 and (self._piece or self._fill()):
            part, self._piece = self._piece[:wanted], self._piece[wanted:]
            parts.append(part)
            wanted -= len(part)
        data = b"".join(parts)
        self._position += len(data)
        return data

    def _fill(self) -> bool:
        """Decompress the next piece; always pieces of one size, so that damage is met at the same byte in every pass."""
        try:
            self._piece = b"" if self.broken else self._reader.read(PIECE_BYTES)
        except LocationError:
            raise
        except OSError as error:
            self.broken = str(error)
        return bool(self._piece)


class _Limited:
    """The next `length` bytes of a stream as a stream."""

    def __init__(self, stream: Stream, length: int) -> None:
        self._stream = stream
        self._left = length

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        self._stream.close()
