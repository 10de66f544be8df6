"""Ask an HTTP or S3 store for the bytes of a file from an offset on, and tell what to retry from what to give up."""

import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import urllib3

from udfs.errors import RefusedError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from types_boto3_s3 import S3Client

S3 = ("s3://", "s3a://", "s3n://")  # how a location on S3 may begin
REMOTE = (*S3, "http://", "https://")
CONNECT_TIMEOUT_S = 10.0
LIST_ATTEMPTS = 8
# Without a byte; a store's slowest honest first byte takes seconds. By the environment, since workers are processes of their own.
READ_TIMEOUT_S = float(os.environ.get("GRISTMILL_READ_TIMEOUT_S", "60"))
CREDENTIALS = (
    "Give credentials by an instance role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; set "
    "AWS_ENDPOINT_URL_S3 for another S3 service, AWS_NO_SIGN_REQUEST=true for a bucket that is open to all"
)
REFUSED = f"{CREDENTIALS}; a key that is absent is refused too where the bucket may not be listed"
ACCESS = "The server refuses it: check the address and your access to it"


class LocationError(RefusedError, OSError):
    """A location that cannot be read: which one, what is wrong with it, and what to do about it."""

    def __init__(self, location: str, what: str, advice: str) -> None:
        super().__init__(f"{location}: {what}. {advice}.")
        self.location = location
        self.what = what
        self.advice = advice

    def __reduce__(self) -> tuple[type["LocationError"], tuple[str, str, str]]:
        return LocationError, (self.location, self.what, self.advice)


class Interrupted(Exception):
    """A request that broke off or was put off, and is worth another attempt."""

    def __init__(self, what: str, refused: str | None = None) -> None:
        super().__init__(what)
        self.refused = refused  # what to do about a refusal, should it last: it may be a throttle or a lock


@dataclass(frozen=True)
class Answer:
    """One response: its body from the byte asked for, the length of the whole file, and the tag that names its version."""

    body: Any  # urllib3's response or botocore's StreamingBody: read(n), close()
    total: int | None
    etag: str | None


Fetch = Callable[[str, int, int | None, str | None], Answer]


def fetch_function(location: str) -> Fetch | None:
    """Return the function that asks a location's store, None for a file on disk; LocationError for another scheme."""
    named = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", location)
    scheme = named[1].lower() if named else ""
    if scheme in ("", "file"):
        return None
    try:
        urlsplit(location)
    except ValueError as error:
        raise LocationError(location, f"it is no address ({error})", "Correct the address") from None
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


def changed(location: str, how: str) -> LocationError:
    """Say that a file is no longer the one whose first part was read."""
    return LocationError(location, f"it changed while being read ({how})", "Let the upload finish, then run again")


def _raise_status(location: str, status: int, what: str, advice: str) -> NoReturn:
    if status in (401, 403):
        raise Interrupted(what, refused=advice)
    if status in (408, 429) or status >= 500:
        raise Interrupted(what)
    if status == 412:
        raise changed(location, "its ETag is another")
    if status == 404:
        raise LocationError(location, "it does not exist", "Correct the path, or leave it out of the input")
    raise LocationError(location, what, advice)


def _fetch_http(location: str, start: int, stop: int | None, etag: str | None) -> Answer:
    pool = _http_pool(os.getpid())
    headers = {
        **pool.headers,
        "Range": _range(start, stop),
        "Accept-Encoding": "identity",
    }  # given here, they replace the pool's
    if etag and not etag.startswith("W/"):
        headers["If-Match"] = etag
    try:
        response = pool.request("GET", location, headers=headers, preload_content=False, decode_content=False)
    except urllib3.exceptions.LocationValueError as error:
        raise LocationError(location, f"it is no address ({error})", "Correct the address") from error
    except urllib3.exceptions.HTTPError as error:
        raise Interrupted(f"the request failed ({type(error).__name__}: {error})") from error
    total = _total(response.headers.get("Content-Range"), response.headers.get("Content-Length"))
    if response.status == 416:  # asked for bytes past the end
        response.close()
        return Answer(io.BytesIO(), total, etag)
    if response.status not in (200, 206):
        response.close()
        _raise_status(location, response.status, f"the server answers {response.status}", ACCESS)
    _align(response, status=response.status, content_range=response.headers.get("Content-Range"), start=start)
    return Answer(response, total, response.headers.get("ETag"))


def _align(body: Any, *, status: int, content_range: str | None, start: int) -> None:
    """Bring a body to the byte that was asked for: a server that knows no ranges sends the file from its first byte."""
    if status == 200:
        _skip(body, start)
    elif not (content_range or "").startswith(f"bytes {start}-"):
        body.close()
        raise Interrupted(f"byte {start} was asked for, and the answer is {content_range}")


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
    bucket, key = parts.netloc, parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    client, wanted = _s3_client(os.getpid()), _range(start, stop)
    try:
        try:
            if etag:
                answer = client.get_object(Bucket=bucket, Key=key, Range=wanted, IfMatch=etag)
            else:
                answer = client.get_object(Bucket=bucket, Key=key, Range=wanted)
        except failures.ClientError as error:
            if _status(error) != 416:
                raise
            # asked for bytes past the end
            return Answer(io.BytesIO(), client.head_object(Bucket=bucket, Key=key)["ContentLength"], etag)
    except failures.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        _raise_status(location, _status(error), f"S3 answers {_status(error)} ({code})", REFUSED)
    except (failures.NoCredentialsError, failures.PartialCredentialsError, failures.ProfileNotFound) as error:
        raise LocationError(location, f"there are no credentials for it ({error})", CREDENTIALS) from error
    except failures.ParamValidationError as error:
        raise LocationError(location, f"it is no S3 address ({error})", "Write s3://bucket/key") from error
    except failures.BotoCoreError as error:
        raise Interrupted(f"the request failed ({type(error).__name__}: {error})") from error
    ranged = answer.get("ContentRange")
    _align(answer["Body"], status=answer["ResponseMetadata"]["HTTPStatusCode"], content_range=ranged, start=start)
    return Answer(answer["Body"], _total(ranged, str(answer["ContentLength"])), answer.get("ETag"))


def list_s3(prefix: str) -> Iterator[str]:
    """Yield the locations of all objects of a bucket that begin with a prefix; raises LocationError."""
    import botocore.exceptions as failures

    parts = urlsplit(prefix, allow_fragments=False)
    try:
        pages = (
            _s3_client(os.getpid())
            .get_paginator("list_objects_v2")
            .paginate(Bucket=parts.netloc, Prefix=parts.path.lstrip("/"))
        )
        for page in pages:
            for entry in page.get("Contents", ()):
                yield f"{parts.scheme}://{parts.netloc}/{entry['Key']}"
    except (failures.ClientError, failures.BotoCoreError) as error:
        raise LocationError(prefix, f"it cannot be listed ({error})", REFUSED) from error


def _status(error: "ClientError") -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@lru_cache(maxsize=1)
def _http_pool(pid: int) -> urllib3.PoolManager:  # by process: a connection must not be shared across a fork
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
        retries=urllib3.Retry(total=5, connect=0, read=0, redirect=5, status=0, other=0),
        headers={"User-Agent": " ".join(part for part in (_user_agent(), _contact()) if part)},
    )


def s3_client(attempts: int = 5) -> "S3Client":
    """Return this process's client of S3, for whoever writes."""
    return _s3_client(os.getpid(), attempts)


@lru_cache(maxsize=2)
def _s3_client(pid: int, attempts: int = 1) -> "S3Client":
    import boto3
    import botocore
    from botocore.config import Config

    unsigned = os.environ.get("AWS_NO_SIGN_REQUEST", "").lower() in ("1", "true", "yes")
    config = Config(
        # One attempt to read: the stream that asks tries again, so that there is one count of tries. What adaptive adds is that a client that
        # is told to slow down spaces all its requests out.
        retries={"mode": "adaptive", "total_max_attempts": attempts},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        user_agent_extra=_user_agent(),  # botocore adds AWS_SDK_UA_APP_ID itself
        response_checksum_validation="when_required",  # a file read in two pieces has no checksum; gzip members have their own
        signature_version=botocore.UNSIGNED if unsigned else None,
    )
    client: S3Client = boto3.session.Session().client("s3", config=config)
    return client


def _user_agent() -> str:
    try:
        return f"gristmill/{version('gristmill')}"
    except PackageNotFoundError:  # the code came as a bare archive
        return "gristmill/0"


def _contact() -> str:
    """Return what the user wants to be known by to whoever runs the server; the AWS SDKs read the same variable."""
    name = os.environ.get("AWS_SDK_UA_APP_ID", "").strip()
    return f"app/{name}" if name else ""
