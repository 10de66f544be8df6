"""A columnar index over WARC files, in the schema of Common Crawl's, made by FastWARC alone: the reader under test has no part."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from fastwarc.warc import ArchiveIterator

from udfs.page import urls

TEXTS = (
    "url_surtkey url url_host_name url_host_tld url_host_2nd_last_part url_host_3rd_last_part url_host_4th_last_part "
    "url_host_5th_last_part url_host_registry_suffix url_host_registered_domain url_host_private_suffix "
    "url_host_private_domain url_host_name_reversed url_protocol url_path url_query fetch_redirect content_digest "
    "content_mime_type content_mime_detected content_charset content_languages content_truncated warc_filename warc_segment"
)
OTHERS = [
    ("url_port", pa.int32()),
    ("fetch_time", pa.timestamp("ms")),
    ("fetch_status", pa.int16()),
    ("warc_record_id", pa.binary()),
    ("warc_record_offset", pa.int32()),
    ("warc_record_length", pa.int32()),
]
SCHEMA = pa.schema([*((name, pa.string()) for name in TEXTS.split()), *OTHERS])


def index_rows(warc: Path, *, name: str | None = None, languages: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Make the index's rows of a gzipped WARC's responses; `languages` says a record's ISO 639-3 codes by its id."""
    found: list[dict[str, Any]] = []
    ends: list[int] = []
    with warc.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=True):
            ends.append(record.stream_pos)
            headers = {key.lower(): value for key, value in record.headers.items()}
            kind = headers["warc-type"]
            row: dict[str, Any] = {"offset": record.stream_pos, "nth": len(ends)}
            if kind == "response" and record.http_headers is not None:
                row |= {"headers": headers, "status": record.http_headers.status_code, "type": record.http_content_type}
                found.append(row)
    ends.append(warc.stat().st_size)
    return [_row(row["headers"], row, end=ends[row["nth"]], name=name or warc.name, languages=languages or {}) for row in found]


def _row(
    headers: Mapping[str, str], facts: Mapping[str, Any], *, end: int, name: str, languages: Mapping[str, str]
) -> dict[str, Any]:
    url = urlsplit(headers["warc-target-uri"])
    host = url.hostname or ""
    parts = host.split(".")
    return {
        "url_surtkey": f"{','.join(reversed(parts))}){url.path}",
        "url": headers["warc-target-uri"],
        "url_host_name": host,
        "url_host_tld": parts[-1],
        "url_host_registered_domain": urls.domain(host),
        "url_host_name_reversed": ".".join(reversed(parts)),
        "url_protocol": url.scheme,
        "url_path": url.path,
        "url_query": url.query or None,
        "fetch_time": _time(headers["warc-date"]),
        "fetch_status": facts["status"],
        "content_digest": headers.get("warc-payload-digest", "").removeprefix("sha1:") or None,
        "content_mime_type": facts["type"],
        "content_mime_detected": headers.get("warc-identified-payload-type") or facts["type"],
        "content_languages": languages.get(headers["warc-record-id"]),
        "content_truncated": headers.get("warc-truncated"),
        "warc_record_id": headers["warc-record-id"].encode(),
        "warc_filename": name,
        "warc_record_offset": facts["offset"],
        "warc_record_length": end - facts["offset"],
    }


def _time(date: str) -> datetime | None:
    try:
        return datetime.fromisoformat(date).replace(tzinfo=None)
    except ValueError:  # the thirteenth month of a careless crawler
        return None


def write_index(folder: Path, rows: Iterable[Mapping[str, Any]], *, crawl: str = "CC-MAIN-2026-43") -> Path:
    """Write rows as the index of a crawl below `folder`, and return the folder that a recipe names."""
    place = folder / f"crawl={crawl}" / "subset=warc"
    place.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=SCHEMA), place / "part-00000.gz.parquet")
    return place
