"""Open a file wherever it lies (disk, http, S3) as one stream that survives resets, stalls and short bodies.

A WARC is read once, front to back, over many minutes, so a broken connection resumes at the last byte instead of starting over.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from urllib.parse import unquote, urlsplit

import urllib3

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

ATTEMPTS = 10  # in a row that bring no byte
REFUSALS = 3  # of those, answers of 403: a gate that throttles answers 403 too, a locked one does so for ever
BACKOFF_FIRST_S = 0.5
BACKOFF_LONGEST_S = 30.0
CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0
CREDENTIALS = (
    "Give credentials by an instance role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; set AWS_ENDPOINT_URL_S3 "
    "for another S3 service, AWS_NO_SIGN_REQUEST=true for a bucket that is open to all"
)


class LocationError(OSError):
    """A location that cannot be read: which one, what is wrong with it, and what to do about it."""

    def __init__(self, location: str, what: str, advice: str) -> None:
        super().__init__(f"{location}: {what}. {advice}.")
        self.location = location
        self.what = what
        self.advice = advice

    def __reduce__(self) -> tuple[type["LocationError"], tuple[str, str, str]]:
        return LocationError, (self.location, self.what, self.advice)


class Stream(Protocol):
    """What reading a WARC needs of a stream; `tell` counts from the first byte of the file."""

    def read(self, size: int = -1, /) -> bytes: ...

    def tell(self) -> int: ...

    def close(self) -> None: ...


def open_location(location: str, start: int = 0) -> Stream:
    """Open a path, file://, http(s):// or s3:// location for reading from byte `start` (past the end: an empty stream).

    Raises LocationError, here or from `read`: at once for what no retry mends (absent, forbidden, changed meanwhile), and
    after ATTEMPTS resumes in a row that brought no byte.
    """
    fetch = _fetch_function(location)
    if fetch is not None:
        return ResumingStream(location, fetch=fetch, start=start)
    return LocalStream(location, start=start)


def size(location: str) -> int:
    """Return the length of a location in bytes; raises LocationError as `open_location` does."""
    fetch = _fetch_function(location)
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


class Interrupted(Exception):
    """A request that broke off or was put off, and is worth another attempt."""

    def __init__(self, what: str, refused: bool = False) -> None:
        super().__init__(what)
        self.refused = refused


@dataclass(frozen=True)
class Answer:
    """One response: its body, the length of the whole file, and the tag by which its version is known."""

    body: Any  # urllib3's response or botocore's StreamingBody: read(n), close()
    total: int | None
    etag: str | None


Fetch = Callable[[str, int, int | None, str | None], Answer]


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
                raise LocationError(self._location, str(problem), "The server refuses it: check the address and your access to it")
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


def _fetch_function(location: str) -> Fetch | None:
    scheme = urlsplit(location).scheme.lower() if "://" in location else ""
    if scheme in ("", "file"):
        return None
    if scheme in ("s3", "s3a", "s3n"):
        return _fetch_s3
    if scheme in ("http", "https"):
        return _fetch_http
    raise LocationError(location, f"{scheme}:// is not readable", "Known are paths, file://, http://, https:// and s3://")


def _range(start: int, stop: int | None) -> str:
    return f"bytes={start}-" if stop is None else f"bytes={start}-{stop - 1}"


def _total(content_range: str | None, content_length: str | None) -> int | None:
    """Read the whole file's length from `bytes 5-9/1234` or, for an answer without a range, from its Content-Length."""
    text = content_range.rpartition("/")[2] if content_range else content_length
    return int(text) if text and text.isdigit() else None


def _raise_status(location: str, status: int, what: str, advice: str) -> NoReturn:
    if status == 403:
        raise Interrupted(what, refused=True)
    if status in (408, 429) or status >= 500:
        raise Interrupted(what)
    if status == 412:
        raise LocationError(location, "it changed while being read", "Let the upload finish, then run again")
    if status == 404:
        raise LocationError(location, "it does not exist", "Correct the path, or leave it out of the input")
    raise LocationError(location, what, advice)


def _fetch_http(location: str, start: int, stop: int | None, etag: str | None) -> Answer:
    headers = {"Range": _range(start, stop), "Accept-Encoding": "identity"}
    if etag and not etag.startswith("W/"):
        headers["If-Match"] = etag
    try:
        response = _http_pool(os.getpid()).request("GET", location, headers=headers, preload_content=False, decode_content=False)
    except urllib3.exceptions.LocationValueError as error:
        raise LocationError(location, f"it is no address ({error})", "Correct the address") from error
    except urllib3.exceptions.HTTPError as error:
        raise Interrupted(f"the request failed ({type(error).__name__}: {error})") from error
    total = _total(response.headers.get("Content-Range"), response.headers.get("Content-Length"))
    if response.status == 416:  # asked for bytes past the end
        return Answer(response, total, etag)
    if response.status not in (200, 206):
        response.close()
        _raise_status(location, response.status, f"the server answers {response.status}", "Check the address and your access to it")
    if response.status == 200:
        _skip(response, start)  # a server that knows no ranges sends the file from its first byte
    return Answer(response, total, response.headers.get("ETag"))


def _skip(body: Any, count: int) -> None:
    while count > 0:
        try:
            data = body.read(min(count, 1 << 20))
        except Exception as error:
            raise Interrupted(f"reading broke off ({type(error).__name__}: {error})") from error
        if not data:
            return
        count -= len(data)


def _fetch_s3(location: str, start: int, stop: int | None, etag: str | None) -> Answer:
    import botocore.exceptions as failures

    parts = urlsplit(location, allow_fragments=False)
    key = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    match = {"IfMatch": etag} if etag else {}
    try:
        answer = _s3_client(os.getpid()).get_object(Bucket=parts.netloc, Key=key, Range=_range(start, stop), **match)
    except failures.ClientError as error:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if status == 416:  # asked for bytes past the end
            head = _s3_client(os.getpid()).head_object(Bucket=parts.netloc, Key=key)
            return Answer(None, head["ContentLength"], etag)
        code = error.response.get("Error", {}).get("Code", "")
        if status in (401, 403) and code not in ("SlowDown", "RequestTimeTooSkewed"):
            raise LocationError(location, f"S3 refuses it ({code})", CREDENTIALS) from error
        _raise_status(location, status, f"S3 answers {status} {code}", CREDENTIALS)
    except (failures.NoCredentialsError, failures.PartialCredentialsError, failures.ProfileNotFound) as error:
        raise LocationError(location, f"there are no credentials for it ({error})", CREDENTIALS) from error
    except failures.ParamValidationError as error:
        raise LocationError(location, f"it is no S3 address ({error})", "Write s3://bucket/key") from error
    except failures.BotoCoreError as error:
        raise Interrupted(f"the request failed ({type(error).__name__}: {error})") from error
    return Answer(answer["Body"], _total(answer.get("ContentRange"), str(answer["ContentLength"])), answer.get("ETag"))


@lru_cache(maxsize=1)
def _http_pool(pid: int) -> urllib3.PoolManager:  # by process: a connection must not be shared across a fork
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
        retries=urllib3.Retry(total=5, connect=0, read=0, redirect=5, status=0, other=0),
        headers={"User-Agent": _user_agent()},
    )


@lru_cache(maxsize=1)
def _s3_client(pid: int) -> "S3Client":
    import boto3
    import botocore
    from botocore.config import Config

    unsigned = os.environ.get("AWS_NO_SIGN_REQUEST", "").lower() in ("1", "true", "yes")
    config = Config(
        retries={"mode": "adaptive", "total_max_attempts": 10},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        user_agent_extra=_user_agent(),
        signature_version=botocore.UNSIGNED if unsigned else None,
    )
    return boto3.session.Session().client("s3", config=config)


def _user_agent() -> str:
    try:
        return f"gristmill/{version('gristmill')}"
    except PackageNotFoundError:  # the code came as a bare archive
        return "gristmill/0"


def _local_path(location: str) -> Path:
    return Path(unquote(urlsplit(location).path)) if location.lower().startswith("file:") else Path(location)


def _local_error(location: str, error: OSError) -> LocationError:
    if isinstance(error, FileNotFoundError):
        return LocationError(location, "it does not exist", "Correct the path; on a cluster it must exist on every worker")
    return LocationError(location, f"it cannot be read ({error.strerror or error})", "Check its permissions and its disk")
