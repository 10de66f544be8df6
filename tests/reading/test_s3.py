"""Reading from a real S3 server, through a proxy that breaks connections and throttles as S3 does on a bad day."""

import os
from collections.abc import Iterator
from types import SimpleNamespace

import boto3
import pytest

from jobs.engine.source import readers
from jobs.recipe.recipe import Run
from tests.reading.fault_proxy import Asked, Fault, FaultProxy, Kind, Policy, fault_proxy, seeded_faults
from tests.s3_server import BUCKET, READER, S3Server, environment
from udfs.reading import http_s3 as store
from udfs.reading import resuming_stream
from udfs.reading.location import InputFile, LocationError, check, open_location

CONTENT = b"".join(n.to_bytes(4, "big") for n in range(500_000))  # 2 MB in which no two places look alike
KEY = "crawl-data/file one+1.warc.gz"
PLACE = f"{BUCKET}/{KEY}"
NAME = f"s3://{PLACE}"
BREAK = 700_000
PIECE = 1 << 16  # what the reader of WARCs asks for at least


@pytest.fixture
def proxy(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """Put a file into the bucket, and be the reader that comes through a proxy."""
    s3.client().put_object(Bucket=BUCKET, Key=KEY, Body=CONTENT)
    monkeypatch.setattr(resuming_stream, "BACKOFF_FIRST_S", 0.01)
    monkeypatch.setattr(resuming_stream, "BACKOFF_LONGEST_S", 0.1)
    with fault_proxy(s3.endpoint) as proxy:
        for name, value in environment(READER, endpoint=proxy.endpoint).items():
            monkeypatch.setenv(name, value)
        store._s3_client.cache_clear()
        yield proxy
    store._s3_client.cache_clear()


def impatient(monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> None:
    """Take a stream from which nothing comes for a while for stalled."""
    monkeypatch.setattr(store, "READ_TIMEOUT_S", seconds)
    store._s3_client.cache_clear()


def first_only(fault: Fault) -> Policy:
    """Commit a fault at the first request of every file."""
    return lambda asked: fault if asked.nth == 0 else None


def test_a_healthy_file_takes_one_get_by_somebody_who_may_only_read(proxy: FaultProxy) -> None:
    file = InputFile(NAME)
    assert (file.size(), file.open_at(0).read()) == (len(CONTENT), CONTENT)
    assert [(asked.method, asked.path, asked.start, asked.whole) for asked in proxy.asked] == [("GET", PLACE, 0, True)]


@pytest.mark.parametrize("kind", ["reset", "stall", "short", "cut"])
def test_a_body_that_breaks_off_is_resumed_at_its_last_byte_and_in_its_version(
    proxy: FaultProxy, s3: S3Server, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "stall":
        impatient(monkeypatch, seconds=5)  # the server beside it never needs so long: each request counts here
    proxy.policy = first_only(Fault(kind, after=BREAK))
    stream = open_location(NAME)
    assert b"".join(iter(lambda: stream.read(PIECE), b"")) == CONTENT
    etag = s3.client().head_object(Bucket=BUCKET, Key=KEY)["ETag"]
    first, second = proxy.gets(PLACE)
    assert (first.start, first.etag, second.etag) == (0, None, etag)
    # the piece that was being read is asked for again; a reset takes along, too, what the kernel had received
    whole_pieces = BREAK // PIECE * PIECE
    assert second.start in {"short": [BREAK], "cut": [BREAK], "stall": [whole_pieces], "reset": range(whole_pieces + 1)}[kind]


def test_throttling_and_a_gate_that_opens_again_are_waited_out(proxy: FaultProxy) -> None:
    faults = [
        Fault("status"),
        Fault("status", status=403, code="AccessDenied"),
        Fault("status", status=500, code="InternalError"),
    ]
    proxy.policy = lambda asked: faults[asked.nth] if asked.nth < len(faults) else None
    assert open_location(NAME).read() == CONTENT
    assert len(proxy.asked) == 4


def test_a_store_that_never_recovers_is_asked_as_often_as_stated_and_no_more(proxy: FaultProxy) -> None:
    """With botocore's own tries each would count for several."""
    proxy.policy = lambda asked: Fault("status", status=500, code="InternalError")
    for look, times in ((check, 5), (lambda name: open_location(name).read(1), 10)):
        proxy.asked = []
        with pytest.raises(LocationError, match=rf"S3 answers 500 \(InternalError\) at byte 0, {times} times in a row"):
            look(NAME)
        assert len(proxy.asked) == times


def test_many_faults_of_all_kinds_lose_and_double_no_byte(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    impatient(monkeypatch, seconds=0.5)
    proxy.policy = seeded_faults("81", throttled=0.2, broken=0.4, after=600_000)
    for _ in range(2):
        assert open_location(NAME).read() == CONTENT
    assert {asked.fault.kind for asked in proxy.asked if asked.fault} == {"status", "reset", "stall", "short", "cut"}


def test_a_file_that_is_overwritten_while_it_is_read_is_refused_and_read_anew_afterwards(
    proxy: FaultProxy, s3: S3Server
) -> None:
    """The server itself answers the conditional request."""
    proxy.policy = first_only(Fault("short", after=BREAK))
    stream = open_location(NAME)
    assert stream.read(1000) == CONTENT[:1000]
    later = CONTENT[::-1]
    s3.client().put_object(Bucket=BUCKET, Key=KEY, Body=later)
    with pytest.raises(LocationError) as caught:
        stream.read()
    assert str(caught.value) == (
        f"{NAME}: it changed while being read (its ETag is another). Let the upload finish, then run again."
    )
    assert [asked.etag is None for asked in proxy.asked] == [True, False]
    assert open_location(NAME).read() == later


def test_a_locked_bucket_is_known_in_seconds(proxy: FaultProxy, s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(resuming_stream, "BACKOFF_FIRST_S", 1.0)
    monkeypatch.setattr(resuming_stream, "BACKOFF_LONGEST_S", 30.0)
    monkeypatch.setattr(resuming_stream, "random", SimpleNamespace(uniform=lambda least, most: most))
    monkeypatch.setattr(resuming_stream, "time", SimpleNamespace(sleep=waits.append))
    s3.client().create_bucket(Bucket="locked")
    s3.client().put_object(Bucket="locked", Key="file", Body=b"x")
    with pytest.raises(LocationError) as caught:
        check("s3://locked/file")
    assert waits == [1, 2]  # seconds at most
    assert caught.value.what == "S3 answers 403 (AccessDenied), 3 times in a row"
    assert caught.value.advice.startswith("Give credentials by an instance role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and")


def test_an_absent_key_is_told_at_once(proxy: FaultProxy) -> None:
    with pytest.raises(LocationError, match="s3://commoncrawl/none: it does not exist"):
        open_location(f"s3://{BUCKET}/none").read(1)
    assert len(proxy.asked) == 1


def test_a_process_makes_one_client_and_its_fork_another(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    session = boto3.session.Session

    def counted() -> boto3.session.Session:
        made.append(os.getpid())
        return session()

    monkeypatch.setattr(boto3.session, "Session", counted)
    for _ in range(3):
        assert open_location(NAME).read(4) == CONTENT[:4]
    assert made == [os.getpid()]
    child = os.fork()
    if child == 0:
        same = open_location(NAME).read(4) == CONTENT[:4] and open_location(NAME).read(4) == CONTENT[:4]
        os._exit(0 if same and made == [os.getppid(), os.getpid()] else 1)
    assert os.waitpid(child, 0) == (child, 0)


@pytest.mark.parametrize(("most", "at_once", "shares"), [(500, 2, (2, 250)), (5, 2, (2, 2)), (1, 2, (1, 1)), (3, 8, (3, 1))])
def test_chunks_side_by_side_share_the_readers_of_the_job(most: int, at_once: int, shares: tuple[int, int]) -> None:
    assert readers(Run(name="n", dump="D", input=("f",), max_readers=most, chunks_at_once=at_once)) == shares


def test_requests_say_who_asks(proxy: FaultProxy) -> None:
    check(NAME)
    asked: Asked = proxy.asked[0]
    assert "gristmill/" in asked.agent
