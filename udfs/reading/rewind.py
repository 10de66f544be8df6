"""Let a remote file be reopened a little way back without asking the store again.

Stepping over damage reads the same neighbourhood several times; a file with ten thousand broken records must not cost
ten thousand requests.
"""

from collections import deque

from udfs.reading.location import OpenAt, Stream

KEEP_BYTES = 4 << 20
SKIP_BYTES = 1 << 20  # a gap this small is read and thrown away sooner than asked for anew
ASK_BYTES = 1 << 16  # of the live stream at least: few large chunks are found faster than many small ones
LEAST_BYTES = 16  # FastWARC tells the compression by what its first read brings: three bytes of gzip are "no WARC"


class Rewind:
    """A file read through one live stream whose last KEEP_BYTES are kept; `at` opens it anywhere, one opening at a time."""

    def __init__(self, open_at: OpenAt, *, skip_bytes: int = SKIP_BYTES) -> None:
        self._open_at = open_at
        self._skip_bytes = skip_bytes
        self._live: Stream | None = None
        self._kept: deque[tuple[int, bytes]] = deque()  # chunks as they were read, with their offsets
        self._kept_bytes = 0
        self._end = 0  # where the live stream stands

    def at(self, offset: int) -> "View":
        """Open the file at a byte."""
        return View(self, offset)

    def close(self) -> None:
        """Close the live stream and forget what was kept."""
        if self._live is not None:
            self._live.close()
        self._live = None
        self._kept.clear()
        self._kept_bytes = 0

    def read(self, offset: int, size: int) -> bytes:
        """Return at most `size` (at least 1) bytes from `offset`; b"" at the end of the file."""
        if self._kept and self._kept[0][0] <= offset < self._end:
            for start, chunk in self._kept:
                if offset < start + len(chunk):
                    return chunk[offset - start : offset - start + size] if offset > start or size < len(chunk) else chunk
        if self._live is None or not self._end <= offset <= self._end + self._skip_bytes:
            self.close()
            self._live, self._end = self._open_at(offset), offset
        while self._end < offset:
            if not self._advance(min(offset - self._end, SKIP_BYTES)):
                return b""
        if offset < self._end:
            return self.read(offset, size)
        return self._advance(size)[:size]

    def _advance(self, size: int) -> bytes:
        assert self._live is not None
        data = self._live.read(max(size, ASK_BYTES))
        if data:
            if self._kept and len(self._kept[-1][1]) + len(data) <= ASK_BYTES:
                start, before = self._kept.pop()
                self._kept.append((start, before + data))
            else:
                self._kept.append((self._end, data))
            self._kept_bytes += len(data)
            self._end += len(data)
        while self._kept_bytes > KEEP_BYTES and len(self._kept) > 1:
            self._kept_bytes -= len(self._kept.popleft()[1])
        return data


class View:
    """The file from one byte on, as a stream."""

    def __init__(self, rewind: Rewind, offset: int) -> None:
        self._rewind = rewind
        self._position = offset

    def tell(self) -> int:
        """Return the offset in the file of the next byte."""
        return self._position

    def close(self) -> None:
        """Do nothing: the live stream serves the next view."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes (all that is left if negative), b"" at the end of the file only."""
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 20), b""))
        data = b""
        while len(data) < min(size, LEAST_BYTES) and (part := self._rewind.read(self._position, size - len(data))):
            data += part
            self._position += len(part)
        return data
