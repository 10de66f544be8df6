"""Read the decompressed bytes of a file that was gzipped as a whole, so that damage inside it can be stepped over."""

from typing import BinaryIO, cast

from fastwarc.stream_io import GzipReader

from udfs.location import LocationError, OpenAt, Stream
from udfs.warc_resync import CHUNK_BYTES


class InflatedStream:
    """The decompressed bytes of a gzip stream from byte `start`; what cannot be decompressed ends the stream."""

    def __init__(self, stream: Stream, *, start: int = 0) -> None:
        self.broken: str | None = None
        self._stream = stream
        self._reader = GzipReader(cast(BinaryIO, stream))
        self._position = 0
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
        try:
            data = b"" if self.broken else self._reader.read(CHUNK_BYTES if size < 0 else size)
        except LocationError:
            raise
        except OSError as error:
            self.broken, data = str(error), b""
        self._position += len(data)
        return data


def inflated_size(open_at: OpenAt) -> tuple[int, str | None]:
    """Return how many bytes a gzip file decompresses to, and what stopped it if not its end; one pass in chunks."""
    stream = InflatedStream(open_at(0))
    try:
        while stream.read(CHUNK_BYTES):
            pass
        return stream.tell(), stream.broken
    finally:
        stream.close()
