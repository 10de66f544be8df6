"""Read gold whose pages lie in WARC files: news, the Declaration of Human Rights, Debian's pages, expectations, snippets."""

import gzip
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.extraction.gold_page import Column, GoldPage, PageKind, site_of
from udfs.page.extractor import ExtractSettings, PageRequest
from udfs.page.http_body import decode_body
from udfs.page.http_message import parse_message
from udfs.page.media_type import charset_of, mime_of
from udfs.reading import location
from udfs.warc.records import Record, read_records

SAMPLE_WARCS = ("cc-sample-00001.warc.gz", "cc-sample-00002.warc.gz")
_COLUMNS: dict[str, Column] = {
    "waddle-daniel": "news",
    "scrapinghub-aeb": "news",
    "udhr": "human-rights",
    "debian-docs": "debian",
    "defuddle": "expected",
    "readability": "expected",
    "newspaper4k": "expected",
    "goose3": "prefix",
    "trafilatura-eval": "snippets",
    "postlight-parser": "snippets",
}
_KINDS: dict[str, PageKind] = {"waddle-daniel": "article", "scrapinghub-aeb": "article", "debian-docs": "documentation"}


def load_warcs(folder: Path) -> list[GoldPage]:
    """Read gold.jsonl.gz and the response records it names, in its order; rows marked gold_suspect are left out.

    Raises ValueError if a row's record is not there. About 0.3 GB for 2,234 pages.
    """
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if not row["gold_suspect"]]
    wanted = {row["record_id"] for row in rows}
    requests: dict[str, PageRequest] = {}
    for name in sorted({row["warc_file"] for row in rows}):
        requests.update(read_requests(folder / name, wanted))
    missing = [row for row in rows if row["record_id"] not in requests]
    if missing:
        raise ValueError(
            f"{len(missing)} gold rows name no response record, first {missing[0]['record_id']} of {missing[0]['warc_file']}: "
            "gold and WARC files are not of one version; get them together"
        )
    return [_page(row, requests[row["record_id"]]) for row in rows]


def read_requests(warc: Path, wanted: set[str] | None = None) -> Iterator[tuple[str, PageRequest]]:
    """Yield the wanted response records (None: all) of a WARC file as the pipeline hands them to its extractor."""
    settings = ExtractSettings()
    spans = read_records(
        partial(location.open_location, str(warc)),
        size=location.size(str(warc)),
        max_record_bytes=settings.max_record_bytes,
    )
    for span in spans:
        if not isinstance(span, Record) or span.type != "response" or span.body is None or span.id is None:
            continue
        if wanted is None or span.id in wanted:
            message = parse_message(span.body)
            declared = message.header("content-type")
            body = decode_body(message, max_bytes=settings.max_page_bytes)
            mime = mime_of(identified=span.payload_type, declared=declared, body=body)
            yield span.id, PageRequest(body=body, mime=mime, charset=charset_of(declared))


def _page(row: dict[str, Any], request: PageRequest) -> GoldPage:
    return GoldPage(
        id=row["id"],
        url=row["url"],
        site=site_of(row["url"]),
        column=_COLUMNS[row["source"]],
        source=row["source"],
        kind=_KINDS.get(row["source"]),
        language=row["lang"],
        request=request,
        gold=row["gold_text"] or None,
        must_contain=tuple(row["must_contain"]),
        must_not_contain=tuple(row["must_not_contain"]),
    )
