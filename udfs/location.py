"""Open a file wherever it lies (disk, http, S3) as one stream that survives resets, stalls and short bodies.

A WARC is read once, front to back, over many minutes, so a broken connection resumes at the last byte instead of
starting over.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from udfs.store import Fetch, Interrupted, fetch_function
from udfs.store import LocationError as LocationError

ATTEMPTS = 10  # in a row that bring no byte
REFUSALS = 3  # of those, answers of 403: a gate that throttles answers 403 too, a locked one does so for ever
BACKOFF_FIRST_S = 0.5
BACKOFF_LONGEST_S = 30.0


class Stream(Protocol):
    """What reading a WARC needs of a stream; `tell` counts from the first byte of the file."""

    def read(self, size: int = -1, /) -> bytes: ...

    def tell(self) -> int: ...

    def close(self) -> None: ...


OpenAt = Callable[[int], Stream]  # opens a file at a byte


def open_location(location: str, start: int = 0) -> Stream:
    """Open a path, file://, http(s):// or s3:// location for reading from byte `start` (past the end: an empty stream).

    Raises LocationError, here or from `read`: at once for what no retry mends (absent, forbidden, changed meanwhile),
    and after ATTEMPTS resumes in a row that brought no byte.
    """
    fetch = fetch_function(location)
    if fetch is not None:
        return ResumingStream(location, fetch=fetch, start=start)
    return LocalStream(location, start=start)


def size(location: str) -> int:
    """Return the length of a location in bytes; raises LocationError as `open_location` does."""
    fetch = fetch_function(location)
    if fetch is None:
        try:
            return _local_path(location).stat().st_size
        except OSError as error:
            raise _local_error(location, error) from error
    stream = ResumingStream(location, fetch=fetch, start=0, stop=1)
    stream.read(1)
    stream.close()
    if stream.total is None:
        raise LocationError(location, "the server does not tell its length", "Copy the file to disk or S3 and name that copy")
    return stream.total


def check(location: str) -> None:
    """Read the first byte of a location; raises LocationError if that fails, whose text says how to mend it."""
    stream = open_location(location)
    stream.read(1)
    stream.close()


class LocalStream:
    """Read a file on disk; a failing disk raises LocationError, not the OSError that a broken WARC raises too."""

    def __init__(self, location: str, *, start: int) -> None:
        self._location = location
        try:
            self._file = _local_path(location).open("rb")
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


class ResumingStream:
    """Read a remote file front to back, asking again from the last byte whenever the connection fails."""

    def __init__(self, location: str, *, fetch: Fetch, start: int, stop: int | None = None) -> None:
        self.total: int | None = None
        self._location = location
        self._fetch = fetch
        self._position = start
        self._stop = stop
        self._etag: str | None = None
        self._body: Any = None

    def tell(self) -> int:
        """Return the offset in the file of the next byte."""
        return self._position

    def close(self) -> None:
        """Drop the connection."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes (all that is left if negative), and b"" at the end of the file only."""
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 20), b""))
        refusals = 0
        for attempt in range(ATTEMPTS):
            if self._stop is not None and self._position >= self._stop:
                return b""
            try:
                return self._read_once(size)
            except Interrupted as interrupted:
                self.close()
                problem = interrupted
            refusals += problem.refused
            if refusals >= REFUSALS:
                raise LocationError(
                    self._location, str(problem), "The server refuses it: check the address and your access to it"
                )
            # Full jitter: workers that failed together must not come back together.
            time.sleep(random.uniform(0, min(BACKOFF_LONGEST_S, BACKOFF_FIRST_S * 2**attempt)))
        raise LocationError(
            self._location,
            f"{problem} at byte {self._position}, {ATTEMPTS} times in a row",
            "The file is marked failed and a rerun tries it again; fewer executors ask less of the server",
        )

    def _read_once(self, size: int) -> bytes:
        if self._body is None:
            answer = self._fetch(self._location, self._position, self._stop, self._etag)
            self._body, self.total = answer.body, answer.total
            self._etag = answer.etag or self._etag
        try:
            data: bytes = self._body.read(size)
        except Exception as error:  # the stores' libraries share no base class for a broken body
            raise Interrupted(f"reading broke off ({type(error).__name__}: {error})") from error
        self._position += len(data)
        end = self.total if self._stop is None else self._stop
        if not data and size and self.total is not None and end is not None and self._position < min(end, self.total):
            raise Interrupted(f"the body ended short of {self.total} bytes")
        return data


def _local_path(location: str) -> Path:
    return Path(unquote(urlsplit(location).path)) if location.lower().startswith("file:") else Path(location)


def _local_error(location: str, error: OSError) -> LocationError:
    if isinstance(error, FileNotFoundError):
        return LocationError(location, "it does not exist", "Correct the path; on a cluster every worker must see it")
    return LocationError(location, f"it cannot be read ({error.strerror or error})", "Check its permissions and its disk")
