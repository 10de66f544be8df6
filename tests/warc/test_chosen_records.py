"""The records that an index names are read by ranges, give the rows of a full read, and are missed by name where they are not."""

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.crawl.cc_index import index_rows
from tests.documents.test_documents import SETTINGS, http, member, run
from tests.reading.range_server import served
from udfs.documents.worker import FileRange, extract_files
from udfs.page.memory import memory_of
from udfs.reading.coalesce import Span, coalesce
from udfs.reading.location import InputFile, LocalStream
from udfs.warc.chosen_records import ChosenRecords
from udfs.warc.records import MAX_RECORD_BYTES, read_records

MEMBERS = [
    member(kind, http(f"<p>Page {n}, {'some words ' * (9 * n % 40)}</p>".encode()), identifier=f"{kind}-{n}")
    for n in range(12)
    for kind in ("request", "response")
]
ENDS = [sum(map(len, MEMBERS[: n + 1])) for n in range(len(MEMBERS))]
SPANS = [(end - len(body), len(body)) for end, body in zip(ENDS, MEMBERS, strict=True)]
RESPONSES = SPANS[1::2]
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def warc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chosen") / "a.warc.gz"
    path.write_bytes(b"".join(MEMBERS))
    return path


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    memory_of.cache_clear()


def choose(path: Path | str, spans: list[Span], *, gap: int = 0) -> tuple[Rows, dict[str, Any]]:
    files = (FileRange(str(path), chunk=0, warc="a.warc.gz", chosen=len(spans)),)
    worker = extract_files(files, SETTINGS, "CC-TEST", gap_bytes=gap)
    lists = pa.list_(pa.int64())
    columns = {"id": pa.array([0], pa.int64())}
    columns |= {"offsets": pa.array([[o for o, _ in spans]], lists), "lengths": pa.array([[n for _, n in spans]], lists)}
    rows = [row for batch in worker(iter([pa.record_batch(columns)])) for row in batch.to_pylist()]
    assert rows[-1]["document"] is None
    return [row["document"] for row in rows[:-1]], rows[-1]["file"]


def bytes_of(file: dict[str, Any]) -> int:
    total: int = file["bytes_records"] + file["bytes_skipped"] + file["bytes_unchosen"]
    return total


def test_chosen_rows_are_those_of_the_full_read_and_every_byte_is_told_of(warc: Path) -> None:
    full, _ = run(warc)
    chosen = [RESPONSES[2], RESPONSES[3], RESPONSES[9]]
    documents, file = choose(warc, chosen)
    assert documents == [row for row in full if (row["offset"], row["length"]) in chosen]
    told = ("records", "not_found", "bytes_records", "bytes_unchosen", "bytes_requested", "requests", "end", "outcome")
    read = sum(length for _, length in chosen)
    assert {name: file[name] for name in told} == {
        "records": [("response", 3)],
        "not_found": 0,
        "bytes_records": read,
        "bytes_unchosen": ENDS[-1] - read,
        "bytes_requested": read,
        "requests": 3,
        "end": ENDS[-1],
        "outcome": "read",
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(SPANS), min_size=1), st.integers(0, 600))
def test_whatever_is_chosen_gives_the_rows_of_the_full_read_by_one_request_a_range(
    warc: Path, chosen: set[Span], gap: int
) -> None:
    full, _ = run(warc)
    documents, file = choose(warc, sorted(chosen), gap=gap)
    assert documents == [row for row in full if (row["offset"], row["length"]) in chosen]
    assert (bytes_of(file), sum(n for _, n in file["records"])) == (ENDS[-1], len(chosen))
    assert file["requests"] == len(coalesce(chosen, gap=gap))


def test_the_server_is_asked_for_the_coalesced_ranges_and_nothing_else(warc: Path) -> None:
    chosen = [RESPONSES[1], RESPONSES[2], RESPONSES[8]]
    gap = RESPONSES[2][0] - sum(RESPONSES[1])
    with served(warc.parent) as server:
        documents, file = choose(f"{server.base}/a.warc.gz", chosen, gap=gap)
    ranges = [(RESPONSES[1][0], sum(RESPONSES[2])), (RESPONSES[8][0], sum(RESPONSES[8]))]
    assert server.requests == [("a.warc.gz", start, stop) for start, stop in ranges]
    assert (file["requests"], file["bytes_requested"], bytes_of(file)) == (2, server.bytes(), ENDS[-1])
    assert [row["id"] for row in documents] == ["<urn:uuid:response-1>", "<urn:uuid:response-2>", "<urn:uuid:response-8>"]


def test_a_record_that_is_not_where_the_index_says_is_a_failed_row_and_costs_no_other(warc: Path) -> None:
    (offset, length), good = RESPONSES[4], RESPONSES[7]
    for span, why in (
        ((offset + 1, length), "Invalid WARC header"),
        ((offset, length - 1), "the record is cut or its checksum is wrong"),
        ((offset, length + 1), f"the record there has {length} bytes"),
        ((offset, length + len(MEMBERS[10])), f"the record there has {length} bytes"),
    ):
        documents, file = choose(warc, [span, good])
        assert [(row["offset"], row["outcome"], row["reason"]) for row in documents] == [
            (span[0], "failed", "not_found"),
            (good[0], "extracted", None),
        ]
        assert documents[0]["id"] == f"{warc}#{span[0]}"
        assert documents[0]["error"] == f"the index names {span[1]} bytes from byte {span[0]}: {why}"
        assert (file["outcome"], file["not_found"], bytes_of(file)) == ("read", 1, ENDS[-1])


def test_spans_that_lie_over_one_another_are_told_and_no_byte_counts_twice(warc: Path) -> None:
    offset, length = RESPONSES[4]
    documents, file = choose(warc, [(offset, length), (offset + 3, length)])
    assert [(row["outcome"], row["reason"]) for row in documents] == [("extracted", None), ("failed", "not_found")]
    assert (file["bytes_skipped"], bytes_of(file)) == (3, ENDS[-1])


def test_a_record_inside_another_chosen_one_is_not_read_twice(tmp_path: Path) -> None:
    inner = gzip.decompress(MEMBERS[1])
    outer = gzip.decompress(member("resource", inner, identifier="outer", Content_Type="text/plain"))
    path = tmp_path / "a.warc"
    path.write_bytes(outer)
    documents, file = choose(path, [(0, len(outer)), (outer.index(inner), len(inner))])
    assert [row["reason"] for row in documents] == [None, "not_found"]
    assert documents[1]["error"].endswith("another chosen record lies over it")
    assert (file["bytes_records"], bytes_of(file)) == (len(outer), len(outer))


@pytest.mark.parametrize("place", ["disk", "http"])
def test_an_index_of_another_file_fails_the_file(warc: Path, place: str) -> None:
    beyond = [(ENDS[-1] - 5, 100), (ENDS[-1] + 50, 100)]
    with served(warc.parent) as server:
        documents, file = choose(warc if place == "disk" else f"{server.base}/a.warc.gz", beyond)
    assert [row["reason"] for row in documents] == ["not_found", "not_found"]
    assert (file["outcome"], file["reason"]) == ("failed", "not_found")
    assert file["error"].startswith(
        "none of the 2 chosen records lies where the index says: the index names 100 bytes from byte"
    )
    assert bytes_of(file) == ENDS[-1] == file["end"]


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    documents, file = choose(tmp_path / "absent.warc.gz", [(0, 10)])
    assert (documents, file["outcome"], file["reason"]) == ([], "failed", "unreadable")


@pytest.mark.real
def test_real_records_by_ranges_are_those_of_the_full_read_to_the_byte(shared_data: Path) -> None:
    warc = shared_data / "real/cc-sample/cc-sample-00002.warc.gz"
    size = warc.stat().st_size
    full = read_records(lambda start: LocalStream(str(warc), start=start), size=size)
    spans = [(row["warc_record_offset"], row["warc_record_length"]) for row in index_rows(warc)[::7]]
    by_ranges = ChosenRecords(InputFile(str(warc)), spans, gap_bytes=1 << 16)
    found = list(by_ranges.read(max_record_bytes=MAX_RECORD_BYTES))
    assert found == [span for span in full if (span.offset, span.length) in spans]
    assert by_ranges.bytes_unchosen() == size - sum(length for _, length in spans)
