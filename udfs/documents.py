"""Read WARC files and extract their pages inside a Python worker: file indices in, document and file rows out.

Reading and extracting are one step so that HTML never crosses from Python to the JVM.
"""

import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from udfs import location, opt_out, urls
from udfs.document_schema import DOCUMENT_FIELDS as DOCUMENT_FIELDS
from udfs.document_schema import FILE_FIELDS as FILE_FIELDS
from udfs.document_schema import ROW_SCHEMA as ROW_SCHEMA
from udfs.http_message import (
    TEXT_TYPES,
    HttpMessage,
    TooLarge,
    Undecodable,
    charset_of,
    decode_body,
    mime_of,
    parse_message,
)
from udfs.page import ExtractSettings, PageRequest, storable
from udfs.sandbox import Sandbox, SandboxError
from udfs.warc import PAGE_TYPES, Record, Skipped, read_records

MAX_BATCH_BYTES = 16 << 20
MAX_BATCH_ROWS = 256
MAX_ERROR_CHARS = 1000
MAX_SPANS = 10_000

Row = dict[str, Any]


@dataclass(frozen=True)
class FileRange:
    """One unit of reading: the records of a file that begin in the bytes [start, end); `end` None reads to its end."""

    file_path: str
    chunk: int
    start: int = 0
    end: int | None = None
    attempt: int = 1  # how often the file has been planned, this time included


@dataclass(frozen=True)
class ExtractFiles:
    """What Spark's mapInArrow runs: batches of a column `id`, indices into `files`, become batches of ROW_SCHEMA.

    In each row either `document` or `file` is set. Every response, resource and conversion record gives one document
    row, every range one file row. Where a range cannot be read to its end, its file row says failed, and the document
    rows given out before are to be left out by their file_path (and, of a split file, offset).
    """

    files: tuple[FileRange, ...]
    settings: ExtractSettings
    dump: str

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Read the files whose indices come in; a batch has at most MAX_BATCH_ROWS rows and about MAX_BATCH_BYTES."""
        with Sandbox(self.settings) as sandbox:
            for batch in batches:
                for index in batch.column(0).to_pylist():
                    yield from _batched(self._read(self.files[index], sandbox))

    def _read(self, planned: FileRange, sandbox: Sandbox) -> Iterator[Row]:
        tally = _Tally(planned, sandbox)
        try:
            size = location.size(planned.file_path)
            tally.end = size if planned.end is None else min(planned.end, size)
            spans = read_records(
                partial(location.open_location, planned.file_path),
                size=size,
                start=planned.start,
                end=planned.end,
                max_record_bytes=self.settings.max_record_bytes,
            )
            for span in spans:
                tally.add(span)
                if isinstance(span, Record) and span.type in PAGE_TYPES:
                    page = document_row(span, sandbox=sandbox, settings=self.settings)
                    record_id = page["id"] or f"{planned.file_path}#{span.offset}{f'.{span.nth}' if span.nth else ''}"
                    yield {
                        "document": {
                            **page,
                            "id": record_id,
                            "nth": span.nth,
                            "dump": self.dump,
                            "file_path": planned.file_path,
                        }
                    }
        except location.LocationError as error:
            tally.fail("unreadable", str(error))
        yield {"file": tally.row()}


class _Tally:
    """The file row in the making."""

    def __init__(self, planned: FileRange, sandbox: Sandbox) -> None:
        self.end = planned.end
        self._planned = planned
        self._sandbox = sandbox
        self._restarts = sandbox.restarts
        self._reused = sandbox.reused
        self._began = time.monotonic()
        self._records: Counter[str] = Counter()
        self._skipped: list[Row] = []
        self._bytes_records = 0
        self._failure: tuple[str, str] | None = None

    def add(self, span: Record | Skipped) -> None:
        if isinstance(span, Record):
            self._records[span.type] += 1
            self._bytes_records += span.length
        else:
            self._add_skipped(span)

    def _add_skipped(self, span: Skipped) -> None:
        """List a span, together with the one before it where they touch; past MAX_SPANS only the bytes are counted."""
        last = self._skipped[-1] if self._skipped else None
        if last is not None and last["offset"] + last["length"] == span.offset and last["why"] == span.why:
            last["length"] += span.length
        elif last is not None and len(self._skipped) >= MAX_SPANS:
            last.update(length=last["length"] + span.length, why="this span and all later ones, too many to list")
        else:
            self._skipped.append({"offset": span.offset, "length": span.length, "why": storable(span.why)})

    def fail(self, reason: str, error: str) -> None:
        self._failure = (reason, storable(error)[:MAX_ERROR_CHARS])

    def row(self) -> Row:
        skipped = sum(span["length"] for span in self._skipped)
        if self._failure is None and not self._records and self._planned.start == 0:
            why = f": {self._skipped[0]['why']}" if self._skipped else ""
            self.fail("not_warc", f"no WARC record in {skipped} bytes{why}")
        reason, error = self._failure or (None, None)
        return {
            "file_path": self._planned.file_path,
            "chunk": self._planned.chunk,
            "start": self._planned.start,
            "end": self.end,
            "records": sorted(self._records.items()),
            "spans_skipped": self._skipped,
            "bytes_records": self._bytes_records,
            "bytes_skipped": skipped,
            "attempts": self._planned.attempt,
            "outcome": "failed" if reason else "read",
            "reason": reason,
            "error": error,
            "seconds": time.monotonic() - self._began,
            "pages_reused": self._sandbox.reused - self._reused,
            "child_restarts": self._sandbox.restarts - self._restarts,
            "child_peak_mb": self._sandbox.peak_mb,
            "worker_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        }


def document_row(record: Record, *, sandbox: Sandbox, settings: ExtractSettings) -> Row:
    """Make the document row of one record, but for what its file adds; whatever goes wrong becomes its outcome."""
    row: Row = {
        "id": record.id,
        "url": record.url,
        "date": record.date,
        "offset": record.offset,
        "length": record.length,
        "truncated": record.truncated,
        "digest": record.digest,
        "opt_out": [],
    }
    try:
        host = urls.host(record.url)
        row.update(url_key=urls.url_key(record.url), host=host, domain=urls.domain(host))
        _extract(record, row, sandbox=sandbox, settings=settings)
    except TooLarge as error:
        row.update(outcome="failed", reason="too_large", error=str(error))
    except Undecodable as error:
        row.update(outcome="failed", reason="undecodable", error=str(error))
    except SandboxError:
        raise
    except Exception as error:
        words = storable(f"{type(error).__name__}: {error}")[:MAX_ERROR_CHARS]
        row.update(outcome="failed", reason="bad_record", error=words)
    return row


def _extract(record: Record, row: Row, *, sandbox: Sandbox, settings: ExtractSettings) -> None:
    """Add to a row what the record holds: gates first, cheapest first, the child process last."""
    if record.body is None:
        raise TooLarge(f"the record has {record.content_length} bytes, more than {settings.max_record_bytes}")
    if record.type == "conversion":
        row.update(_converted(record.body))
        return
    if record.type == "resource" and not (record.content_type or "").lower().startswith("application/http"):
        message, declared = HttpMessage(200, (), record.body), record.content_type  # the block is the page itself
    else:
        message = parse_message(record.body)
        declared = message.header("content-type")
        row.update(http_status=message.status, opt_out=list(opt_out.header_facts(message)))
    if message.status != 200:
        row.update(outcome="dropped", reason="http_status")
        return
    body = decode_body(message, max_bytes=settings.max_page_bytes)
    mime = mime_of(identified=record.payload_type, declared=declared, body=body)
    row.update(mime=mime, html_bytes=len(body))
    if mime not in TEXT_TYPES:
        row.update(outcome="dropped", reason="not_html")
        return
    result = sandbox.extract(PageRequest(body=body, mime=mime, charset=charset_of(declared)))
    facts = vars(result) | {"opt_out": sorted({*row["opt_out"], *result.opt_out}), "page_language": result.language}
    row.update({name: value for name, value in facts.items() if name != "language"})


def _converted(body: bytes) -> Row:
    """Take the text of a WET record as it is; Common Crawl writes it in UTF-8."""
    text = storable(body.decode("utf-8", "replace")).strip()
    row: Row = {"mime": "text/plain", "charset": "utf-8", "charset_source": "utf-8", "extractor": "wet"}
    row["html_bytes"] = len(body)
    return row | ({"outcome": "extracted", "text": text} if text else {"outcome": "dropped", "reason": "empty_text"})


def _batched(rows: Iterator[Row]) -> Iterator[pa.RecordBatch]:
    held: list[Row] = []
    held_bytes = 0
    for row in rows:
        row_bytes = 2000 + 4 * len((row.get("document") or {}).get("text") or "")
        if held and (held_bytes + row_bytes > MAX_BATCH_BYTES or len(held) >= MAX_BATCH_ROWS):
            yield pa.RecordBatch.from_pylist(held, schema=ROW_SCHEMA)
            held, held_bytes = [], 0
        held.append(row)
        held_bytes += row_bytes
    if held:
        yield pa.RecordBatch.from_pylist(held, schema=ROW_SCHEMA)


def extract_files(files: tuple[FileRange, ...], settings: ExtractSettings, dump: str) -> ExtractFiles:
    """Return the function for mapInArrow that reads `files` and extracts their pages."""
    return ExtractFiles(files=files, settings=settings, dump=dump)
