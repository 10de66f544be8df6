"""Ask an HTTP or S3 store for the bytes of a file from an offset on, and tell what to retry from what to give up."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import urllib3

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0
CREDENTIALS = (
    "Give credentials by an instance role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; set "
    "AWS_ENDPOINT_URL_S3 for another S3 service, AWS_NO_SIGN_REQUEST=true for a bucket that is open to all"
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


def fetch_function(location: str) -> Fetch | None:
    """Return the function that asks a location's store, None for a file on disk; LocationError for another scheme."""
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
        response = _http_pool(os.getpid()).request(
            "GET", location, headers=headers, preload_content=False, decode_content=False
        )
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
        _raise_status(
            location,
            response.status,
            f"the server answers {response.status}",
            "Check the address and your access to it",
        )
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
    client, wanted = _s3_client(os.getpid()), _range(start, stop)
    try:
        if etag:
            answer = client.get_object(Bucket=parts.netloc, Key=key, Range=wanted, IfMatch=etag)
        else:
            answer = client.get_object(Bucket=parts.netloc, Key=key, Range=wanted)
    except failures.ClientError as error:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if status == 416:  # asked for bytes past the end
            return Answer(io.BytesIO(), client.head_object(Bucket=parts.netloc, Key=key)["ContentLength"], etag)
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
    client: S3Client = boto3.session.Session().client("s3", config=config)
    return client


def _user_agent() -> str:
    try:
        return f"gristmill/{version('gristmill')}"
    except PackageNotFoundError:  # the code came as a bare archive
        return "gristmill/0"
