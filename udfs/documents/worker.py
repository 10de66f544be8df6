"""Read WARC files and extract their pages inside a Python worker: file indices in, document and file rows out.

Reading and extracting are one step so that HTML never crosses from Python to the JVM.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from udfs.documents.batches import MAX_BATCH_BYTES as MAX_BATCH_BYTES
from udfs.documents.batches import MAX_BATCH_ROWS as MAX_BATCH_ROWS
from udfs.documents.batches import batched
from udfs.documents.file_row import MAX_ERROR_CHARS, FileRow, Row
from udfs.documents.file_row import FileRange as FileRange
from udfs.documents.isolated_files import isolated_files
from udfs.documents.not_page import is_crawlers_own, is_for_programs
from udfs.documents.schema import DOCUMENT_FIELDS as DOCUMENT_FIELDS
from udfs.documents.schema import FILE_FIELDS as FILE_FIELDS
from udfs.documents.schema import ROW_SCHEMA as ROW_SCHEMA
from udfs.page import opt_out, urls
from udfs.page.extractor import ExtractSettings, PageRequest, storable
from udfs.page.http_body import TooLarge, Undecodable, decode_body
from udfs.page.http_message import HttpMessage, parse_message
from udfs.page.media_type import HTML_TYPES, TEXT_TYPES, charset_of, essence_of, mime_of
from udfs.page.sandbox import Sandbox, SandboxError
from udfs.reading import location
from udfs.reading.coalesce import Span
from udfs.warc.chosen_records import ChosenRecords, NotFound
from udfs.warc.records import PAGE_TYPES, Record, Skipped, read_records


@dataclass(frozen=True)
class ExtractFiles:
    """What Spark's mapInArrow runs: batches of a column `id`, indices into `files`, become batches of ROW_SCHEMA.

    For files with a selection the columns `offsets` and `lengths` follow: lists that say which records to read. In each row
    either `document` or `file` is set. Every response, resource and conversion record gives one document row, as does a
    chosen record that is not found; every range gives one file row. Where a range cannot be read to its end, its file row
    says failed, and the document rows given out before are to be left out by their file_path (and, of a split file, offset).
    With `isolate`, a file that kills the process that reads it is such a file, failed as crashed.
    """

    files: tuple[FileRange, ...]
    settings: ExtractSettings
    dump: str
    gap_bytes: int = 0  # between chosen records: a gap no larger is read through
    isolate: bool = False  # read every file in a child process: slower by its start, for files among which one kills the worker

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Read the files whose indices come in; a batch has at most MAX_BATCH_ROWS rows and about MAX_BATCH_BYTES."""
        if self.isolate:
            yield from isolated_files(replace(self, isolate=False), self.files, batches)
            return
        with Sandbox(self.settings) as sandbox:
            for batch in batches:
                for row in batch.to_pylist():
                    chosen = list(zip(row["offsets"], row["lengths"], strict=True)) if "offsets" in row else None
                    yield from batched(self._rows(self.files[row["id"]], chosen, sandbox))

    def _rows(self, planned: FileRange, chosen: list[Span] | None, sandbox: Sandbox) -> Iterator[Row]:
        told, file = FileRow(planned, sandbox), location.InputFile(planned.file_path)
        try:
            spans = self._all(planned, file, told) if chosen is None else self._chosen(chosen, file, told)
            for span in spans:
                told.add(span)
                if isinstance(span, Record) and span.type in PAGE_TYPES:
                    yield self._page(document_row(span, sandbox=sandbox, settings=self.settings), planned, nth=span.nth)
                elif isinstance(span, NotFound):
                    yield self._page(_not_found_row(span), planned, nth=0)
        except location.LocationError as error:
            told.fail("unreadable", str(error))
        finally:
            file.close()
        told.requests = file.requests
        _fail_if_nothing_came(told, planned)
        yield {"file": told.row()}

    def _page(self, page: Row, planned: FileRange, *, nth: int) -> Row:
        record_id = page["id"] or f"{planned.file_path}#{page['offset']}{f'.{nth}' if nth else ''}"
        return {"document": page | {"id": record_id, "nth": nth, "dump": self.dump, "file_path": planned.file_path}}

    def _all(self, planned: FileRange, file: location.InputFile, told: FileRow) -> Iterator[Record | Skipped]:
        """Read every record of a file or range."""
        size = file.size()
        told.end = size if planned.end is None else min(planned.end, size)
        told.bytes_requested = told.end - planned.start
        limit = self.settings.max_record_bytes
        yield from read_records(file.open_at, size=size, start=planned.start, end=planned.end, max_record_bytes=limit)

    def _chosen(self, spans: list[Span], file: location.InputFile, told: FileRow) -> Iterator[Record | NotFound]:
        """Read the chosen records of a file, near ones by one GET."""
        records = ChosenRecords(file, spans, gap_bytes=self.gap_bytes)
        told.bytes_requested = records.bytes_requested
        yield from records.read(max_record_bytes=self.settings.max_record_bytes)
        told.end, told.bytes_unchosen = file.size(), records.bytes_unchosen()


def _fail_if_nothing_came(told: FileRow, planned: FileRange) -> None:
    if told.read_anything or planned.start > 0:
        return
    why = f": {told.first_skipped}" if told.first_skipped else ""
    if planned.warc is None:
        told.fail("not_warc", f"no WARC record in {told.bytes_skipped} bytes{why}")
    else:
        told.fail("not_found", f"none of the {told.not_found} chosen records lies where the index says{why}")


def _not_found_row(span: NotFound) -> Row:
    failed = {"outcome": "failed", "reason": "not_found", "error": storable(span.why)[:MAX_ERROR_CHARS]}
    return {"id": None, "offset": span.offset, "length": span.length, "opt_out": [], **failed}


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
    if record.type == "response" or (record.content_type or "").lower().startswith("application/http"):
        message = parse_message(record.body)
        declared = ", ".join(message.values("content-type"))
        row.update(http_status=message.status, opt_out=list(opt_out.header_facts(message)))
    else:
        message, declared = HttpMessage(200, (), record.body), record.content_type or ""  # the block is the page itself
    if (record.type != "response" or message.status is None) and is_crawlers_own(record.url):
        row.update(outcome="dropped", reason="not_page")
        return
    if message.status != 200:
        row.update(outcome="dropped", reason="http_status")
        return
    body = decode_body(message, max_bytes=settings.max_page_bytes)
    mime = mime_of(identified=record.payload_type, declared=declared, body=body, address=record.url or "")
    if record.type == "conversion" and mime == "text/plain":
        row.update(_converted(body))
        return
    row.update(mime=mime, html_bytes=len(body))
    if mime not in TEXT_TYPES:
        row.update(outcome="dropped", reason="not_html")
        return
    if is_for_programs(record.url, body):
        row.update(outcome="dropped", reason="not_page")
        return
    called = essence_of(declared)  # a crawler calls XHTML what browsers read as HTML, because a server calls it that
    page = PageRequest(
        body=body,
        mime=called if called in HTML_TYPES and mime in HTML_TYPES else mime,
        charset=charset_of(declared),
        captured=record.date[:10] if record.date else None,
    )
    result = sandbox.extract(page)
    facts = vars(result) | {"opt_out": sorted({*row["opt_out"], *result.opt_out}), "page_language": result.language}
    row.update({name: value for name, value in facts.items() if name != "language"})


def _converted(body: bytes) -> Row:
    """Take the text of a WET record as it is; Common Crawl writes it in UTF-8."""
    text = storable(body.decode("utf-8", "replace")).strip()
    row: Row = {"mime": "text/plain", "charset": "utf-8", "charset_source": "utf-8", "extractor": "wet"}
    row["html_bytes"] = len(body)
    return row | ({"outcome": "extracted", "text": text} if text else {"outcome": "dropped", "reason": "empty_text"})


def extract_files(
    files: tuple[FileRange, ...], settings: ExtractSettings, dump: str, *, gap_bytes: int = 0, isolate: bool = False
) -> ExtractFiles:
    """Return the function for mapInArrow that reads `files` and extracts their pages."""
    return ExtractFiles(files=files, settings=settings, dump=dump, gap_bytes=gap_bytes, isolate=isolate)
