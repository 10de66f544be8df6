"""Facts of the pages that public bug reports of this job were rebuilt as: dates, opt-outs, licences."""

import json
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from udfs.documents.worker import document_row
from udfs.page.extractor import ExtractSettings, PageExtractor
from udfs.page.sandbox import Sandbox
from udfs.reading.location import open_location, size
from udfs.warc.records import PAGE_TYPES, Record, read_records

KINDS = ("date", "optout", "licence")
SETTINGS = ExtractSettings(extractor="resiliparse")


def rows_of(path: Path) -> dict[str, dict[str, Any]]:
    """Extract the pages of a WARC file in this process."""
    sandbox = cast(Sandbox, PageExtractor(SETTINGS))
    records = read_records(partial(open_location, str(path)), size=size(str(path)))
    pages = [record for record in records if isinstance(record, Record) and record.type in PAGE_TYPES]
    return {str(page.url): document_row(page, sandbox=sandbox, settings=SETTINGS) for page in pages}


def holds(value: Any, how: str, wanted: Any) -> bool:
    told: bool = {
        "set": sorted(value or []) == sorted(wanted or []),
        "is": value == wanted,
        "has": wanted is not None and str(wanted) in str(value),
        "starts": str(value).startswith(str(wanted)),
    }[how]
    return told


@pytest.mark.real
@pytest.mark.parametrize("kind", KINDS)
def test_the_facts_of_every_case_are_as_expected(shared_data: Path, kind: str) -> None:
    cases = json.loads((shared_data / "cases" / "checks.json").read_text("utf-8"))
    chosen = [case for case in cases if case["file"].startswith(f"{kind}-")]
    assert len(chosen) >= 3
    for case in chosen:
        rows = rows_of(shared_data / "cases" / "warc" / case["file"])
        for url, field, how, wanted in case["checks"]:
            value = rows[url].get(field)
            assert holds(value, how, wanted), f"{case['file']}: {field} is {value!r}"
