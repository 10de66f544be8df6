"""Open a file wherever it lies (disk, http, S3) as one stream that survives resets, stalls and short bodies.

Streams count from the first byte of the file, and what no retry mends is a LocationError that says what to do.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from udfs.reading.http_s3 import LocationError as LocationError
from udfs.reading.http_s3 import changed, fetch_function
from udfs.reading.local_path import local_path
from udfs.reading.resuming_stream import CHECKING, READING, Patience, ResumingStream, Version


class Stream(Protocol):
    """What reading a WARC needs of a stream; `tell` counts from the first byte of the file."""

    def read(self, size: int = -1, /) -> bytes: ...

    def tell(self) -> int: ...

    def close(self) -> None: ...


OpenAt = Callable[[int], Stream]  # opens a file at a byte


def open_location(location: str, start: int = 0) -> Stream:
    """Open a path, file://, http(s):// or s3:// location for reading from byte `start` (past the end: an empty stream).

    Raises LocationError, here or from `read`: at once for what no retry mends (absent, changed meanwhile), and after as
    many requests in a row without a byte as READING allows.
    """
    return _open(location, start=start)


def size(location: str) -> int:
    """Return the length of a location in bytes; raises LocationError as `open_location` does."""
    fetch = fetch_function(location)
    if fetch is None:
        try:
            return Path(local_path(location)).stat().st_size
        except OSError as error:
            raise _local_error(location, error) from error
    stream = ResumingStream(location, fetch=fetch, start=0, stop=1)
    stream.read(1)
    stream.close()
    return _known(location, stream.total)


def check(location: str) -> None:
    """Read the first byte of a location; raises LocationError if that fails, whose text says how to mend it."""
    stream = _open(location, start=0, stop=1, patience=CHECKING)
    stream.read(1)
    stream.close()


def _open(location: str, *, start: int, stop: int | None = None, patience: Patience = READING) -> Stream:
    fetch = fetch_function(location)
    if fetch is None:
        return LocalStream(location, start=start)
    return ResumingStream(location, fetch=fetch, start=start, stop=stop, patience=patience)


class InputFile:
    """A file that is read in one version, and in one request if it is opened once: the first answer tells its length too.

    Every stream of it asks for the ETag and expects the length of the first answer. `requests` counts the streams.
    """

    def __init__(self, location: str) -> None:
        self.requests = 0
        self._location = location
        self._fetch = fetch_function(location)
        self._version = Version()
        self._first: Stream | None = None  # asked for its length, and not read yet

    def size(self) -> int:
        """Return the file's length in bytes; raises LocationError as `open_location` does."""
        if self._fetch is None:
            return size(self._location)
        if self._version.total is None:
            self._first = self.open_at(0)
            self._first.read(0)
        return _known(self._location, self._version.total)

    def open_at(self, start: int, stop: int | None = None) -> Stream:
        """Open the file at a byte, without asking for those from `stop` on."""
        first, self._first = self._first, None
        if first is not None and (start, stop) == (0, None):
            return first
        if first is not None:
            first.close()
        self.requests += 1
        if self._fetch is None:
            return LocalStream(self._location, start=start)
        return ResumingStream(self._location, fetch=self._fetch, start=start, stop=stop, version=self._version)

    def shorter(self, told: int, found: int) -> LocationError:
        """Return the error that says that the file ends before the length that was told."""
        return changed(self._location, f"it had {told} bytes and now ends at byte {found}")

    def close(self) -> None:
        """Drop the connection of a stream that nobody opened."""
        if self._first is not None:
            self._first.close()
            self._first = None


class LocalStream:
    """Read a file on disk; a failing disk raises LocationError, not the OSError that a broken WARC raises too."""

    def __init__(self, location: str, *, start: int) -> None:
        self._location = location
        try:
            self._file = Path(local_path(location)).open("rb")  # noqa: SIM115 (closed by `close`)
            self._file.seek(start)
        except OSError as error:
            raise _local_error(location, error) from error

    def tell(self) -> int:
        """Return the offset in the file of the next byte."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, and b"" at the end of the file."""
        try:
            return self._file.read(size)
        except OSError as error:
            raise _local_error(self._location, error) from error


def _known(location: str, total: int | None) -> int:
    if total is None:
        raise LocationError(location, "the server does not tell its length", "Copy the file to disk or S3 and name that copy")
    return total


def _local_error(location: str, error: OSError) -> LocationError:
    if isinstance(error, LocationError):
        return error
    if isinstance(error, FileNotFoundError):
        return LocationError(location, "it does not exist", "Correct the path; on a cluster every worker must see it")
    if isinstance(error, IsADirectoryError):
        return LocationError(location, "it is a folder", f"Name the files in it, such as {location.rstrip('/')}/*.warc.gz")
    return LocationError(location, f"it cannot be read ({error.strerror or error})", "Check its permissions and its disk")
