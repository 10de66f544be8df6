"""A stream over a remote file that resumes at the last byte of the same version of the file when the connection fails.

A WARC is read once, front to back, over many minutes, so starting over would be costly.
"""

import random
import time
from dataclasses import dataclass
from typing import Any

from udfs.reading.http_s3 import Answer, Fetch, Interrupted, LocationError, changed

BACKOFF_FIRST_S = 1.0
BACKOFF_LONGEST_S = 30.0


@dataclass(frozen=True)
class Patience:
    """How many requests in a row may bring no byte, and how many of those may be refused (403).

    A gate that throttles answers 403 too, a locked one does so for ever.
    """

    attempts: int
    refusals: int


READING = Patience(attempts=10, refusals=6)  # waits of up to 151 s in all, 31 s if refused; half of that on average
CHECKING = Patience(attempts=5, refusals=3)  # 15 s and 3 s: a person waits for it


@dataclass
class Version:
    """What the first answer tells of a file, and all later ones must repeat."""

    total: int | None = None
    etag: str | None = None

    def hold(self, location: str, answer: Answer) -> None:
        """Take in an answer; raises LocationError if it is of another version than those before."""
        if self.total is not None and answer.total not in (None, self.total):
            raise changed(location, f"it had {self.total} bytes and now has {answer.total}")
        if self.etag is not None and answer.etag not in (None, self.etag):
            raise changed(location, f"its ETag was {self.etag} and now is {answer.etag}")
        self.total = answer.total if self.total is None else self.total
        self.etag = answer.etag if self.etag is None else self.etag


class ResumingStream:
    """Read a remote file front to back, asking again from the last byte whenever the connection fails."""

    def __init__(
        self,
        location: str,
        *,
        fetch: Fetch,
        start: int,
        stop: int | None = None,
        version: Version | None = None,
        patience: Patience = READING,
    ) -> None:
        self._location = location
        self._fetch = fetch
        self._position = start
        self._stop = stop
        self._version = version or Version()
        self._patience = patience
        self._body: Any = None

    @property
    def total(self) -> int | None:
        """Return the length of the whole file, None before the first answer."""
        return self._version.total

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
        for attempt in range(self._patience.attempts):
            if attempt:  # full jitter: workers that failed together must not come back together
                time.sleep(random.uniform(0, min(BACKOFF_LONGEST_S, BACKOFF_FIRST_S * 2 ** (attempt - 1))))
            try:
                return self._read_once(size)
            except Interrupted as interrupted:
                self.close()
                problem = interrupted
            refusals += problem.refused is not None
            if problem.refused is not None and refusals >= self._patience.refusals:
                raise LocationError(self._location, f"{problem}, {refusals} times in a row", problem.refused)
        raise LocationError(
            self._location,
            f"{problem} at byte {self._position}, {self._patience.attempts} times in a row",
            "Running again tries it again; a smaller [run] max_readers asks less of the server",
        )

    def _read_once(self, size: int) -> bytes:
        if self._left(size) == 0 and size:
            return b""
        if self._body is None:
            answer = self._fetch(self._location, self._position, self._stop, self._version.etag)
            self._body = answer.body
            self._version.hold(self._location, answer)
        wanted = self._left(size)
        try:
            data: bytes = self._body.read(wanted)
        except Exception as error:  # the stores' libraries share no base class for a broken body
            raise Interrupted(f"reading broke off ({type(error).__name__}: {error})") from error
        self._position += len(data)
        if not data and wanted and self.total is not None:
            raise Interrupted(f"the body ended short of {self.total} bytes")
        return data

    def _left(self, size: int) -> int:
        """Return how many of `size` bytes are left before the end, as far as that is known."""
        ends = [end for end in (self._stop, self.total) if end is not None]
        return max(0, min([size, *(end - self._position for end in ends)]))
