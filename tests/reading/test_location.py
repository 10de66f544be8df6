import pickle
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path

import pytest

from udfs.reading import http_s3 as store
from udfs.reading import resuming_stream
from udfs.reading.location import InputFile, LocationError, check, open_location, size

CONTENT = bytes(range(256)) * 4000


@dataclass
class Shop:
    """A server of one file and the faults it commits, one a request, before it behaves."""

    faults: list[str] = field(default_factory=list)
    content: bytes = CONTENT
    etag: str = '"v1"'
    seen: list[tuple[str | None, str | None]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}/bucket/file.warc.gz"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(shop.content)))
            self.end_headers()

        def do_GET(self) -> None:
            shop.agents.append(self.headers["User-Agent"])
            shop.seen.append((self.headers["Range"], self.headers["If-Match"]))
            fault = shop.faults.pop(0) if shop.faults else ""
            if fault.isdigit():
                self.send_response(int(fault))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
            start, stop = int(first), min(int(last) + 1 if last else len(shop.content), len(shop.content))
            if start >= len(shop.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(shop.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start, stop = (0, len(shop.content)) if fault == "no ranges" else (start + (fault == "elsewhere"), stop)
            self.send_response(200 if fault == "no ranges" else 206)
            body = shop.content[start:stop]
            sent = body[: len(body) // 2] if fault in ("short", "cut") else body
            self.send_header("Content-Length", str(len(sent if fault == "cut" else body)))
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(shop.content)}")
            self.send_header("ETag", shop.etag)
            self.end_headers()
            self.wfile.write(sent)
            if fault == "short":
                self.wfile.flush()
                self.connection.close()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(resuming_stream, "BACKOFF_FIRST_S", 0.001)
    for name, value in (
        ("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{shop.port}"),
        ("AWS_ACCESS_KEY_ID", "k"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    store._s3_client.cache_clear()
    yield shop
    server.shutdown()
    server.server_close()
    store._s3_client.cache_clear()


def address(shop: Shop, scheme: str) -> str:
    return shop.http if scheme == "http" else "s3://bucket/file.warc.gz"


def test_a_local_file_is_read_from_a_byte_by_path_or_address(tmp_path: Path) -> None:
    path = tmp_path / "a b.warc"
    path.write_bytes(b"0123456789")
    for name in (str(path), path.as_uri()):
        stream = open_location(name, 4)
        assert (stream.tell(), stream.read(3), stream.tell(), size(name)) == (4, b"456", 7, 10)
        stream.close()


def test_an_absent_file_names_itself_and_what_to_do(tmp_path: Path) -> None:
    name = str(tmp_path / "absent.warc.gz")
    for look in (check, size):
        with pytest.raises(LocationError) as caught:
            look(name)
        assert str(caught.value) == (f"{name}: it does not exist. Correct the path; on a cluster every worker must see it.")


def test_a_scheme_nobody_knows_lists_the_known_ones() -> None:
    with pytest.raises(LocationError, match=r"ftp:// is not readable. Known are paths, file://, http://, https:// and s3://"):
        open_location("ftp://host/file")


@pytest.mark.parametrize("scheme", ["http", "s3"])
def test_a_remote_file_is_read_whole_and_from_a_byte(shop: Shop, scheme: str) -> None:
    name = address(shop, scheme)
    assert open_location(name).read() == CONTENT
    assert open_location(name, 1000).read() == CONTENT[1000:]
    assert open_location(name, len(CONTENT)).read() == b""
    assert size(name) == len(CONTENT)
    check(name)


@pytest.mark.parametrize("scheme", ["http", "s3"])
@pytest.mark.parametrize("fault", ["short", "cut"])
def test_a_short_body_is_resumed_at_the_last_byte_of_the_same_version(shop: Shop, scheme: str, fault: str) -> None:
    """Short of its own Content-Length, or with a Content-Length short of the file's."""
    shop.faults = [fault, fault]
    assert open_location(address(shop, scheme)).read() == CONTENT
    half, quarter = len(CONTENT) // 2, len(CONTENT) * 3 // 4
    assert shop.seen == [("bytes=0-", None), (f"bytes={half}-", '"v1"'), (f"bytes={quarter}-", '"v1"')]


@pytest.mark.parametrize("scheme", ["http", "s3"])
def test_throttling_server_errors_and_a_gate_that_opens_again_are_waited_out(shop: Shop, scheme: str) -> None:
    shop.faults = ["503", "429", "500", "elsewhere", *["403"] * 5]
    assert open_location(address(shop, scheme)).read() == CONTENT


@pytest.mark.parametrize("scheme", ["http", "s3"])
def test_a_server_without_ranges_is_read_from_its_first_byte(shop: Shop, scheme: str) -> None:
    shop.faults = ["no ranges"]
    assert open_location(address(shop, scheme), 1000).read() == CONTENT[1000:]
    assert len(shop.seen) == 1


@pytest.mark.parametrize("scheme", ["http", "s3"])
def test_a_file_takes_one_request_which_tells_its_length_too(shop: Shop, scheme: str) -> None:
    file = InputFile(address(shop, scheme))
    assert (file.size(), file.open_at(0).read(), file.requests) == (len(CONTENT), CONTENT, 1)
    assert shop.seen == [("bytes=0-", None)]
    assert (file.open_at(1000, 1010).read(), file.open_at(len(CONTENT)).read()) == (CONTENT[1000:1010], b"")
    assert shop.seen[1:] == [("bytes=1000-1009", '"v1"')]


@pytest.mark.parametrize("scheme", ["http", "s3"])
def test_a_file_that_changed_between_two_requests_is_refused_whatever_the_server_makes_of_if_match(
    shop: Shop, scheme: str
) -> None:
    for content, etag, how in (
        (CONTENT, '"v2"', 'its ETag was "v1" and now is "v2"'),
        (CONTENT + b"more", '"v1"', f"it had {len(CONTENT)} bytes and now has {len(CONTENT) + 4}"),
    ):
        shop.content, shop.etag, shop.faults = CONTENT, '"v1"', ["short"]
        stream = open_location(address(shop, scheme))
        assert stream.read(10) == CONTENT[:10]
        shop.content, shop.etag = content, etag
        with pytest.raises(LocationError) as caught:
            stream.read()
        stream.close()
        assert (caught.value.what, caught.value.advice) == (
            f"it changed while being read ({how})",
            "Let the upload finish, then run again",
        )


@pytest.mark.parametrize("scheme", ["http", "s3"])
def test_what_no_retry_mends_is_told_at_once(shop: Shop, scheme: str) -> None:
    for status, what in (("404", "it does not exist"), ("412", "it changed while being read")):
        shop.faults, shop.seen = [status], []
        with pytest.raises(LocationError, match=what):
            check(address(shop, scheme))
        assert len(shop.seen) == 1


def test_a_bucket_that_refuses_says_how_to_give_credentials_sooner_when_somebody_waits(shop: Shop) -> None:
    for look, times in ((check, 3), (lambda name: open_location(name).read(1), 6)):
        shop.faults, shop.seen = ["403"] * 9, []
        says = rf"s3://bucket/file.warc.gz: S3 answers 403 \(403\), {times} times in a row\. Give credentials by an"
        with pytest.raises(LocationError, match=says):
            look("s3://bucket/file.warc.gz")
        assert len(shop.seen) == times


def test_a_server_that_never_recovers_is_given_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming_stream, "BACKOFF_LONGEST_S", 0.002)
    shop.faults = ["503"] * 100
    with pytest.raises(LocationError, match="the server answers 503 at byte 0, 10 times in a row"):
        open_location(shop.http).read(1)
    assert len(shop.seen) == 10


def test_an_empty_remote_file_has_size_zero(shop: Shop) -> None:
    shop.content = b""
    for scheme in ("http", "s3"):
        name = address(shop, scheme)
        assert (size(name), InputFile(name).size(), open_location(name).read()) == (0, 0, b"")


def test_the_error_survives_pickling_as_spark_does_it() -> None:
    error = LocationError("s3://b/k", "it is gone", "Look elsewhere")
    assert str(pickle.loads(pickle.dumps(error))) == "s3://b/k: it is gone. Look elsewhere."


@pytest.mark.parametrize("scheme", ["http", "s3"])
def test_requests_say_who_asks_and_whom_to_write_to(shop: Shop, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "crawl-team.example.org")
    store._http_pool.cache_clear()
    store._s3_client.cache_clear()
    check(address(shop, scheme))
    store._http_pool.cache_clear()
    assert f"gristmill/{version('gristmill')}" in shop.agents[0].split()
    assert "app/crawl-team.example.org" in shop.agents[0].split()
