"""Read the rows of a Parquet file, or of those of its row groups that begin in a byte range, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from udfs.corpus.columns import CorpusColumns, check_names, paths
from udfs.corpus.document import CorpusRow
from udfs.corpus.errors import UnknownFormat
from udfs.reading.location import LocationError
from udfs.reading.seekable import SeekableFile
from udfs.warc.records import Skipped

BATCH_ROWS = 256
BATCH_BYTES = 4 << 20
BUFFER_BYTES = 1 << 20  # of a column: without it pyarrow reads the whole column of a row group before the first row


@dataclass(frozen=True)
class RowGroup:
    """A row group: its number, its bytes in the file, and the number of its first row in the file."""

    number: int
    start: int
    length: int
    first_row: int
    rows: int


def open_parquet(file: SeekableFile, location: str) -> pq.ParquetFile:
    """Read a file's footer; raises UnknownFormat for a file that has none, LocationError where it cannot be read.

    What streams a large row group: `buffer_size` above 0 and `pre_buffer` off. With either left as it is, pyarrow 26 holds the
    wanted columns of a row group whole: 998 MB of 300,000 rows of 3 KB, for 112 MB.
    """
    try:
        return pq.ParquetFile(file, pre_buffer=False, buffer_size=BUFFER_BYTES, page_checksum_verification=True)
    except LocationError:
        raise
    except (OSError, ValueError, MemoryError, pa.ArrowException) as error:
        raise UnknownFormat(f"{location}: it is no Parquet file, or its footer is damaged ({error}). Fetch it anew") from error


def row_groups(parquet: pq.ParquetFile) -> list[RowGroup]:
    """List the row groups as the footer tells them."""
    groups: list[RowGroup] = []
    row = 0
    for number in range(parquet.metadata.num_row_groups):
        group = parquet.metadata.row_group(number)
        chunks = [group.column(place) for place in range(group.num_columns)]
        starts = [min(chunk.data_page_offset, chunk.dictionary_page_offset or chunk.data_page_offset) for chunk in chunks]
        length = sum(chunk.total_compressed_size for chunk in chunks)
        groups.append(RowGroup(number, max(0, min(starts, default=0)), length, row, group.num_rows))
        row += group.num_rows
    return groups


def check_schema(parquet: pq.ParquetFile, columns: CorpusColumns, *, location: str) -> None:
    """Raise MissingColumn if the file lacks a column that is needed; its text lists the columns there are."""
    schema = parquet.schema_arrow
    check_names(columns, lambda name: bool(paths(schema, (name,))), location=location, there=schema.names)


def read_rows(
    parquet: pq.ParquetFile, source: SeekableFile, *, columns: CorpusColumns, start: int, end: int, max_row_bytes: int
) -> Iterator[CorpusRow | Skipped]:
    """Yield the rows of the row groups that begin in [start, end), in order, and the span of each that is damaged.

    Of a damaged row group the rows before the damage are read. Raises LocationError where the file cannot be read on.
    """
    wanted = paths(parquet.schema_arrow, columns.all_names())
    source.hold(2 * len(wanted))  # what of a block is left when the next column is read is needed again
    for group in row_groups(parquet):
        if not start <= group.start < end or not group.rows:
            continue
        read = 0
        try:
            for batch in parquet.iter_batches(
                _batch_rows(parquet, group, wanted), row_groups=[group.number], columns=list(wanted), use_threads=False
            ):
                for row in _rows(batch, first=group.first_row + read, max_row_bytes=max_row_bytes):
                    yield row
                    read += 1
            broken = f"it ends after {read}" if read < group.rows else None
        except LocationError:
            raise
        except (OSError, ValueError, MemoryError, pa.ArrowException) as error:
            broken = f"{type(error).__name__}: {error}"
        if broken is not None:
            lost = f"{group.rows - read} of {group.rows} rows of row group {group.number}, from row {group.first_row + read}"
            yield Skipped(group.start, group.length, f"{lost}, cannot be read: {broken}")


def _batch_rows(parquet: pq.ParquetFile, group: RowGroup, wanted: tuple[str, ...]) -> int:
    """Return how many rows take about BATCH_BYTES."""
    told = parquet.metadata.row_group(group.number)
    chunks = (told.column(place) for place in range(told.num_columns))
    size = sum(c.total_uncompressed_size for c in chunks if any(f"{c.path_in_schema}.".startswith(f"{p}.") for p in wanted))
    return int(max(1, min(BATCH_ROWS, BATCH_BYTES * group.rows // max(1, size))))


def _rows(batch: pa.RecordBatch, *, first: int, max_row_bytes: int) -> Iterator[CorpusRow]:
    names = batch.schema.names
    columns = [_values(column) for column in batch.columns]
    for place, values in enumerate(zip(*columns, strict=True)):
        wrong = next((value for value in values if isinstance(value, _Unreadable)), None)
        size = sum(len(value) for value in values if isinstance(value, str | bytes))
        if wrong is not None:
            yield CorpusRow(first + place, None, None, (wrong.reason, wrong.error))
        elif size > max_row_bytes:
            yield CorpusRow(
                first + place, None, None, ("too_large", f"the row has {size} characters, more than {max_row_bytes}")
            )
        else:
            yield CorpusRow(first + place, None, dict(zip(names, values, strict=True)))


@dataclass(frozen=True)
class _Unreadable:
    """A cell that has no value in Python: bytes that are not UTF-8 in a string, a date beyond the year 9999."""

    reason: str
    error: str


def _values(column: pa.Array) -> list[Any]:
    try:
        values = column.to_pylist()
    except (ValueError, OverflowError, TypeError):  # one cell of many: find it
        values = [_cell(cell) for cell in column]
    return [_keyed(value, column.type) for value in values] if _has_maps(column.type) else values


def _cell(cell: pa.Scalar) -> Any:
    try:
        return cell.as_py()
    except UnicodeDecodeError as error:
        return _Unreadable("invalid_utf8", f"a value is not UTF-8: {error}")
    except (ValueError, OverflowError, TypeError) as error:
        return _Unreadable("bad_row", f"a value has no form in Python: {error}")


def _has_maps(kind: pa.DataType) -> bool:
    return pa.types.is_map(kind) or (pa.types.is_struct(kind) and any(_has_maps(field.type) for field in kind))


def _keyed(value: Any, kind: pa.DataType) -> Any:
    """Turn maps, lists of pairs to pyarrow, into dicts."""
    if pa.types.is_map(kind) and isinstance(value, list):
        return dict(value)
    if pa.types.is_struct(kind) and isinstance(value, dict):
        return {field.name: _keyed(value[field.name], field.type) for field in kind}
    return value
