"""Read corpus files inside a Python worker: file indices in, document and file rows out, as extraction gives them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import pyarrow as pa

from udfs.corpus import json_lines, parquet_rows
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.document import CorpusRow, document_row
from udfs.corpus.errors import CorpusError, MissingColumn
from udfs.corpus.folders import folder_values
from udfs.corpus.formats import PARQUET_NAMES, is_named, open_range
from udfs.corpus.json_lines import Blank
from udfs.documents.batches import batched, indices
from udfs.documents.file_row import FileRange, FileRow, Row
from udfs.documents.isolated_files import isolated_files
from udfs.reading.location import InputFile, LocationError
from udfs.reading.seekable import SeekableFile
from udfs.warc.records import Skipped

MAX_ROW_BYTES = 32 << 20
RECORD = "row"  # the type under which the file rows count what became a document row


@dataclass(frozen=True)
class ReadFiles:
    """What Spark's mapInArrow runs: batches of a column `id`, indices into `files`, become batches of ROW_SCHEMA.

    In each row either `document` or `file` is set. Every row of a file gives one document row: extracted, dropped (empty_text) or
    failed (no_text, bad_row, invalid_utf8, too_large). Every range gives one file row. It says failed for a file that cannot be
    opened (unreadable), has no known format (unknown_format, not_parquet) or lacks a column (missing_column), or of which damage
    leaves no row (damaged); the document rows given out before are then to be left out. Damage elsewhere is a skipped span.

    `dump` is what a row gets that names none itself, by a column or by its folder.
    """

    files: tuple[FileRange, ...]
    dump: str
    columns: CorpusColumns = field(default_factory=CorpusColumns)
    max_row_bytes: int = MAX_ROW_BYTES
    isolate: bool = False  # read every file in a child process, so that one that kills it (crashed) costs no other

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Read the files whose indices come in; a batch has at most MAX_BATCH_ROWS rows and about MAX_BATCH_BYTES."""
        if self.isolate:
            yield from isolated_files(replace(self, isolate=False), self.files, batches)
            return
        for number in indices(batches):
            yield from batched(self.rows(self.files[number]))

    def rows(self, planned: FileRange) -> Iterator[Row]:
        """Read one file or range: document rows, and the file row last."""
        told, file = FileRow(planned), InputFile(planned.file_path)
        folders = folder_values(planned.file_path)
        try:
            for row in self._read(planned, file, told):
                if isinstance(row, Skipped):
                    told.add(row)
                elif isinstance(row, CorpusRow):
                    told.count(RECORD, 0)
                    made = document_row(row, columns=self.columns, file_path=planned.file_path, dump=self.dump, folders=folders)
                    yield {"document": made if planned.corpus is None else made | {"corpus": planned.corpus}}
            if told.first_skipped and not told.read_anything and _is_whole(planned, file):
                told.fail("damaged", f"no row could be read: {told.first_skipped}")
        except LocationError as error:
            told.fail("unreadable", str(error))
        except MissingColumn as error:
            told.fail("missing_column", str(error))
        except CorpusError as error:
            told.fail("not_parquet" if is_named(planned.file_path, PARQUET_NAMES) else "unknown_format", str(error))
        finally:
            file.close()
        told.requests = file.requests
        yield {"file": told.row()}

    def _read(self, planned: FileRange, file: InputFile, told: FileRow) -> Iterator[CorpusRow | Blank | Skipped]:
        """Read a range, and count its bytes: of uncompressed JSONL by line, of another file as a whole."""
        size = file.size()
        told.end = end = size if planned.end is None else min(planned.end, size)
        opened = open_range(file, planned.file_path, start=planned.start)
        if opened.stream is None:
            yield from _as_a_whole(self._parquet(planned, file, told), told, length=end - planned.start)
            return
        try:
            rows = json_lines.read_rows(
                opened.stream, kind=opened.kind, start=planned.start, end=end, size=size, max_row_bytes=self.max_row_bytes
            )
            if opened.kind == "plain":
                told.bytes_requested = end - planned.start
                yield from _line_by_line(rows, told)
            elif planned.start == 0:  # a compressed file is one range, however it was planned
                told.bytes_requested = size
                yield from _as_a_whole(rows, told, length=size)
        finally:
            opened.stream.close()

    def _parquet(self, planned: FileRange, file: InputFile, told: FileRow) -> Iterator[CorpusRow | Skipped]:
        source = SeekableFile(file)
        try:
            parquet = parquet_rows.open_parquet(source, planned.file_path)
            parquet_rows.check_schema(parquet, self.columns, location=planned.file_path)
            yield from parquet_rows.read_rows(
                parquet, source, columns=self.columns, start=planned.start, end=told.end or 0, max_row_bytes=self.max_row_bytes
            )
        finally:
            told.bytes_requested = source.bytes_requested
            source.close()


def _is_whole(planned: FileRange, file: InputFile) -> bool:
    return planned.start == 0 and (planned.end is None or planned.end >= file.size())


Read = Iterator[CorpusRow | Blank | Skipped]


def _line_by_line(rows: Read, told: FileRow) -> Read:
    for row in rows:
        told.count_bytes(row.length or 0)
        yield row


def _as_a_whole(rows: Read, told: FileRow, *, length: int) -> Read:
    yield from rows
    told.count_bytes(length - told.bytes_skipped)  # whoever took the rows has told of every skipped span by now


def read_files(
    files: tuple[FileRange, ...],
    dump: str,
    columns: CorpusColumns,
    *,
    max_row_bytes: int = MAX_ROW_BYTES,
    isolate: bool = False,
) -> ReadFiles:
    """Return the function for mapInArrow that reads corpus files."""
    return ReadFiles(files=files, dump=dump, columns=columns, max_row_bytes=max_row_bytes, isolate=isolate)
