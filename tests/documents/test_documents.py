import gzip
import os
import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from udfs.documents.worker import MAX_BATCH_BYTES, MAX_BATCH_ROWS, ROW_SCHEMA, FileRange, extract_files
from udfs.page.extractor import ExtractSettings
from udfs.page.memory import memory_of
from udfs.reading import location

SETTINGS = ExtractSettings(extractor="resiliparse", max_page_bytes=100_000, max_record_bytes=200_000)
PAGE = b"<html lang=en><title>T</title><p>Some plain words about nothing much.</p></html>"


def member(
    kind: str, block: bytes, *, url: str | None = "http://www.site.example/a", identifier: str | None = "x", **headers: str
) -> bytes:
    lines = {"WARC-Type": kind, "WARC-Date": "2026-11-21T00:00:00Z", "Content-Length": str(len(block))}
    lines |= {"WARC-Target-URI": url} if url else {}
    lines |= {"WARC-Record-ID": f"<urn:uuid:{identifier}>"} if identifier else {}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)


def http(body: bytes = PAGE, *, status: str = "200 OK", **headers: str) -> bytes:
    headers = {"Content_Type": "text/html; charset=utf-8"} | headers
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def run(*paths: Path | str, settings: ExtractSettings = SETTINGS) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    worker = extract_files(tuple(FileRange(str(path), chunk=3) for path in paths), settings, "CC-TEST")
    worker = pickle.loads(pickle.dumps(worker))  # as Spark ships it
    indices = pa.record_batch({"id": pa.array(range(len(paths)), pa.int64())})
    documents: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    for batch in worker(iter([indices])):
        assert batch.schema == ROW_SCHEMA
        assert batch.num_rows <= MAX_BATCH_ROWS
        assert batch.nbytes <= MAX_BATCH_BYTES or batch.num_rows == 1
        for row in batch.to_pylist():
            assert (row["document"] is None) != (row["file"] is None)
            (files if row["document"] is None else documents).append(row["document"] or row["file"])
    return documents, files


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    memory_of.cache_clear()


def outcomes(documents: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(row["outcome"], row["reason"]) for row in documents]


def test_a_capture_becomes_a_document_with_its_provenance(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    warcinfo = member("warcinfo", b"x")
    capture = member("response", http(X_Robots_Tag="noai"), WARC_Payload_Digest="sha1:D", WARC_Truncated="length")
    path.write_bytes(warcinfo + capture)
    documents, files = run(path)
    assert documents == [
        {
            "id": "<urn:uuid:x>",
            "url": "http://www.site.example/a",
            "url_key": "www.site.example/a",
            "host": "www.site.example",
            "domain": "site.example",
            "date": "2026-11-21T00:00:00Z",
            "dump": "CC-TEST",
            "file_path": str(path),
            "offset": len(warcinfo),
            "nth": 0,
            "length": len(capture),
            "http_status": 200,
            "mime": "text/html",
            "charset": "utf-8",
            "charset_source": "header",
            "truncated": "length",
            "opt_out": ["x-robots-tag:noai"],
            "licence": None,
            "digest": "sha1:D",
            "html_bytes": len(PAGE),
            "title": "T",
            "published": None,
            "page_language": "en",
            "extractor": "resiliparse",
            "lines_cut": 0,
            "tags_cut": 0,
            "page_kind": None,
            "gate_language": None,
            "gate_language_score": None,
            "gate_words": None,
            "text": "Some plain words about nothing much.",
            "outcome": "extracted",
            "reason": None,
            "error": None,
            "carried": None,
            "parents": None,
            "corpus": None,
            "copies": None,
        }
    ]
    seconds, child_mb, worker_mb = (files[0].pop(name) for name in ("seconds", "child_peak_mb", "worker_peak_mb"))
    assert (seconds > 0, child_mb >= 0, worker_mb > 10) == (True, True, True)
    assert files == [
        {
            "file_path": str(path),
            "chunk": 3,
            "start": 0,
            "end": len(warcinfo + capture),
            "records": [("response", 1), ("warcinfo", 1)],
            "not_found": 0,
            "spans_skipped": [],
            "bytes_records": len(warcinfo + capture),
            "bytes_skipped": 0,
            "bytes_unchosen": 0,
            "bytes_requested": len(warcinfo + capture),
            "requests": 1,
            "attempts": 1,
            "outcome": "read",
            "reason": None,
            "error": None,
            "pages_reused": 0,
            "child_restarts": 0,
        }
    ]


def test_every_record_that_could_hold_a_page_gives_a_row_and_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    records = [
        (member("response", http()), ("extracted", None)),
        (member("response", http(status="404 Not Found")), ("dropped", "http_status")),
        (member("response", b"no http at all"), ("dropped", "http_status")),
        (member("response", http(Content_Type="image/png")), ("dropped", "not_html")),
        (member("response", http(b"%PDF-1.7")), ("dropped", "not_html")),
        (member("response", http(b"<html></html>")), ("dropped", "empty_text")),
        (member("response", http(b"")), ("dropped", "empty_text")),
        (member("response", http(b"<p>" + b"x" * 100_001)), ("failed", "too_large")),
        (member("response", http(b"<p>" + b"x" * 300_000)), ("failed", "too_large")),
        (member("response", http(gzip.compress(bytes(10_000_000)), Content_Encoding="gzip")), ("failed", "too_large")),
        (member("response", http(b"\xff\x00\x01" * 99, Content_Encoding="br")), ("failed", "undecodable")),
        (member("response", http(b"plain", Content_Type="text/plain")), ("extracted", None)),
        (member("resource", PAGE, Content_Type="text/html"), ("extracted", None)),
        (member("conversion", "Plain text wörds.".encode()), ("extracted", None)),
        (member("conversion", b" \n"), ("dropped", "empty_text")),
    ]
    others = [member(kind, b"x") for kind in ("warcinfo", "request", "metadata", "revisit", "continuation", "dns")]
    path.write_bytes(b"".join(record for record, _ in records) + b"".join(others))
    documents, files = run(path)
    assert outcomes(documents) == [outcome for _, outcome in records]
    assert all((row["text"] is not None) == (row["outcome"] == "extracted") for row in documents)
    assert dict(files[0]["records"]) == {
        "response": 12, "resource": 1, "conversion": 2,
        "warcinfo": 1, "request": 1, "metadata": 1, "revisit": 1, "continuation": 1, "unknown": 1,
    }  # fmt: skip
    assert (documents[13]["text"], documents[13]["extractor"]) == ("Plain text wörds.", "wet")


def test_a_record_that_is_no_page_is_dropped_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    xhtml = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><title/><script src="a"/><p>Words of a page.</p></html>'
    words = b"Words of a page."
    records = [
        (
            member("resource", words, url="metadata://gnu.org/software/wget/warc/wget.log", Content_Type="text/plain"),
            "not_page",
        ),
        (member("resource", words, url="urn:text:https://site.example/", Content_Type="text/plain"), "not_page"),
        (
            member("resource", b'{"a": 1}', url="urn:pageinfo:https://site.example/", Content_Type="application/json"),
            "not_page",
        ),
        (member("resource", words, url="screenshot:https://site.example/", Content_Type="image/png"), "not_page"),
        (
            member(
                "response", b"20261121000000\nsite.example. 60 IN A 1.2.3.4", url="dns:site.example", Content_Type="text/dns"
            ),
            "not_page",
        ),
        (
            member("response", http(b"User-agent: *", Content_Type="text/plain"), url="http://site.example/robots.txt"),
            "not_page",
        ),
        (member("response", http(b"http://site.example/a\n", Content_Type="text/plain")), "not_page"),
        (member("resource", b'{"a": ["b", 1]}'), "not_html"),
        (member("response", http(b'{"a": ["b", 1]}')), "not_html"),
        (member("response", http(b"<?xml version='1.0'?><rss><p>a</p></rss>")), "not_html"),
        (member("response", http(b"\r\n%PDF-1.4\n1 0 obj")), "not_html"),
        (member("conversion", b"\x89PNG\r\n\x1a\n", Content_Type="image/png"), "not_html"),
        (member("response", http(xhtml, Content_Type="application/xml")), None),
        (member("conversion", b"<html><p>Words of a page.</p>", Content_Type="text/html"), None),
        (member("resource", words, url="ftp://site.example/readme", Content_Type="text/plain"), None),
        (member("response", http(b"<p>Words of a page.</p>"), url="http://site.example/robots.txt"), None),
        (member("response", http(b"<p>Words of a page.</p>"), url="dns:site.example"), None),
        (member("response", b"HTTP/1.1 103 Early Hints\r\n\r\n" + http(b"<p>Words of a page.</p>")), None),
    ]
    path.write_bytes(b"".join(record for record, _ in records))
    documents, _ = run(path)
    assert [row["reason"] for row in documents] == [reason for _, reason in records]
    assert {row["text"] for row in documents if row["outcome"] == "extracted"} == {"Words of a page."}


def test_a_page_that_a_crawler_calls_xhtml_is_read_as_the_html_that_it_is_served_as(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    page = http(
        b"<?xml version='1.0' encoding='koi8-r'?><meta charset='windows-1251'><p>\xf1\xeb\xee\xe2\xee</p>",
        Content_Type="text/html",
    )
    path.write_bytes(member("response", page, WARC_Identified_Payload_Type="application/xhtml+xml"))
    documents, _ = run(path)
    assert [(row["mime"], row["charset"], row["text"]) for row in documents] == [
        ("application/xhtml+xml", "windows-1251", "слово")
    ]


def test_a_record_without_id_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    first = member("response", http(), identifier=None)
    path.write_bytes(first + member("response", http(), identifier=None, url=None))
    documents, _ = run(path)
    assert [row["id"] for row in documents] == [f"{path}#0", f"{path}#{len(first)}"]
    assert (documents[1]["url"], documents[1]["url_key"], documents[1]["domain"]) == (None, None, None)


def test_each_file_has_one_row_though_it_is_absent_broken_or_no_warc(tmp_path: Path) -> None:
    good, page, absent = tmp_path / "good.warc.gz", tmp_path / "page.warc.gz", tmp_path / "absent.warc.gz"
    good.write_bytes(member("response", http()) + b"junk" + member("response", http(), identifier="y"))
    page.write_bytes(PAGE)
    documents, files = run(absent, good, page)
    assert [row["id"] for row in documents] == ["<urn:uuid:x>", "<urn:uuid:y>"]
    assert [(row["outcome"], row["reason"], row["bytes_skipped"]) for row in files] == [
        ("failed", "unreadable", 0),
        ("read", None, 4),
        ("failed", "not_warc", len(PAGE)),
    ]
    assert files[0]["error"] == f"{absent}: it does not exist. Correct the path; on a cluster every worker must see it."


def test_a_file_that_breaks_off_is_failed_and_says_how_far_it_got(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(member("response", http(os.urandom(50_000))) for _ in range(20)))

    class Torn(location.LocalStream):
        def read(self, size: int = -1, /) -> bytes:
            if self.tell() > 500_000:
                raise location.LocationError(str(path), "the line is dead", "Try again")
            return super().read(size)

    monkeypatch.setattr(location, "LocalStream", Torn)
    documents, files = run(path)
    assert (files[0]["outcome"], files[0]["reason"], files[0]["error"]) == (
        "failed",
        "unreadable",
        f"{path}: the line is dead. Try again.",
    )
    assert 0 < len(documents) == dict(files[0]["records"])["response"] < 20
    assert {row["file_path"] for row in documents} == {str(path)}


def test_spans_that_touch_are_listed_as_one(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    bad = member("response", http())[:-8] + bytes(8)
    path.write_bytes(member("warcinfo", b"x") + bad * 5 + member("response", http()))
    documents, files = run(path)
    assert (len(documents), [span["length"] for span in files[0]["spans_skipped"]]) == (1, [5 * len(bad)])


def test_ranges_of_a_file_give_its_documents_once(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(member("response", http(), identifier=str(number)) for number in range(20)))
    length = path.stat().st_size
    ranges = tuple(FileRange(str(path), 0, start, end) for start, end in ((0, 999), (999, 3000), (3000, length)))
    worker = extract_files(ranges, SETTINGS, "D")
    indices = iter([pa.record_batch({"id": pa.array([number], pa.int64())}) for number in (2, 0, 1)])
    rows = [row for batch in worker(indices) for row in batch.to_pylist()]
    assert sorted(int(row["document"]["id"][10:-1]) for row in rows if row["document"]) == list(range(20))
    assert sum(row["file"]["bytes_records"] for row in rows if row["file"]) == length


def test_batches_are_bounded_by_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    text = b"words " * 16_000
    path.write_bytes(b"".join(member("conversion", text, identifier=str(number)) for number in range(400)))
    documents, _ = run(path)  # asserts on every batch
    assert len(documents) == 400
