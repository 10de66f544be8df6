"""URLs of real records, and those of cases rebuilt from reports of faults."""

import json
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from udfs.page import urls

pytestmark = pytest.mark.real


def fact(url: str, name: str) -> str | None:
    """Return what a document row has of a URL."""
    host = urls.host(url)
    return {"url_key": urls.url_key(url), "host": host, "domain": urls.domain(host)}[name]


def test_single_urls_of_the_cases_are_right(shared_data: Path) -> None:
    rows = [line.split("\t") for line in (shared_data / "cases/strings.tsv").read_text("utf-8").splitlines()]
    asked = [(row[1], row[0].removeprefix("urls."), row[2]) for row in rows if row[0].startswith("urls.")]
    assert len(asked) == 8
    assert [(url, name, fact(url, name)) for url, name, _ in asked] == asked


def test_urls_of_the_cases_records_are_right(shared_data: Path) -> None:
    cases = json.loads((shared_data / "cases/checks.json").read_text("utf-8"))
    checks = [tuple(check) for case in cases if case["file"].startswith("url-") for check in case["checks"]]
    assert len(checks) == 6
    assert [(url, name, "is", fact(url, name)) for url, name, *_ in checks] == checks


def test_the_key_of_every_real_page_is_its_own_key(shared_data: Path) -> None:
    with (shared_data / "real/cc-sample/cc-sample-00002.warc.gz").open("rb") as file:
        records = ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=False)
        found = [record.headers["WARC-Target-URI"] for record in records]
    keys = [urls.url_key(url) for url in found]
    assert len(found) > 1_000 and None not in keys
    assert [urls.url_key(f"http://{key}") for key in keys] == keys
