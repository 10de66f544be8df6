"""Reads the items of one file, Parquet, JSONL or Arrow, row by row: a file of any size takes little memory of the driver."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.engine.errors import RecipeError
from udfs.corpus.document import CorpusRow
from udfs.corpus.errors import CorpusError, UnknownFormat
from udfs.corpus.formats import DATA_NAMES, HEAD_BYTES, is_named, kind_of
from udfs.corpus.json_lines import read_rows
from udfs.reading.location import LocationError, open_location
from udfs.warc.records import Skipped

Row = Mapping[str, Any]

ARROW_NAMES = (".arrow", ".feather", ".ipc", ".arrows")
SET_NAMES = (*DATA_NAMES, *ARROW_NAMES)
_ARROW_FILE, _ARROW_MESSAGE = b"ARROW1", b"\xff\xff\xff\xff"
_ARROW_END = _ARROW_MESSAGE + bytes(4)  # what a stream ends with; without it rows may be missing
_LONGEST_ROW = 64 << 20
_BATCH_ROWS = 256
_ADVICE = "Name one file in Parquet, JSONL or Arrow's IPC format"
_PIECE = 1 << 20


@dataclass(frozen=True)
class Items:
    """Hold the sha256 of a file, and its items, which can be gone through once."""

    sha256: str
    rows: Iterator[Row]


@contextmanager
def open_items(uri: str, *, where: str) -> Iterator[Items]:
    """Open a file of items. Raises RecipeError, beginning with `where`, here or between rows, if it cannot be read or is empty.

    The file is copied to a temporary one first. So the rows are those of the bytes that were hashed, wherever the file lies.
    """
    with TemporaryFile() as file:
        try:
            sha256 = _copied(uri, file)
        except LocationError as error:
            raise RecipeError(f"{where} cannot be read: {error.what}; nothing was run. {_ADVICE}") from None
        except OSError as error:  # of the disk that holds the copy
            raise RecipeError(f"{where} cannot be read: {error}; nothing was run") from None
        yield Items(sha256, _checked(file, uri, where=where))


def _copied(uri: str, file: IO[bytes]) -> str:
    found = hashlib.sha256()
    with closing(open_location(uri)) as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
            file.write(piece)
    return found.hexdigest()


def _checked(file: IO[bytes], uri: str, *, where: str) -> Iterator[Row]:
    count = 0
    try:
        for row in _rows(file, uri):
            count += 1
            yield row
    except UnknownFormat:
        raise RecipeError(
            f"{where} is no evaluation set: its first bytes are of no format known; nothing was run. {_ADVICE}"
        ) from None
    except (CorpusError, pa.ArrowException, OSError, ValueError) as error:
        raise RecipeError(f"{where} is no evaluation set: {error}; nothing was run. {_ADVICE}") from None
    if not count:
        raise RecipeError(f"{where} is empty: it would protect nothing, so nothing was run. Name a file with an item a row")


def _rows(file: IO[bytes], uri: str) -> Iterator[Row]:
    size = file.tell()
    file.seek(0)
    head = file.read(len(_ARROW_FILE))
    file.seek(0)
    if head == _ARROW_FILE:
        return _arrow_file(file)
    if head.startswith(_ARROW_MESSAGE) or (size and is_named(uri, ARROW_NAMES)):
        return _arrow_stream(file, size)
    if size and kind_of(head[:HEAD_BYTES], uri) == "parquet":
        return _of_batches(
            pq.ParquetFile(file, pre_buffer=False, buffer_size=_PIECE).iter_batches(_BATCH_ROWS, use_threads=False)
        )
    return _json_rows(file, uri, head, size) if size else iter(())


def _arrow_file(file: IO[bytes]) -> Iterator[Row]:
    reader = pa.ipc.open_file(file)
    yield from _of_batches(reader.get_batch(number) for number in range(reader.num_record_batches))


def _arrow_stream(file: IO[bytes], size: int) -> Iterator[Row]:
    """Yield the rows of a stream, as Hugging Face's datasets are stored. Raises ValueError if it breaks off between two batches."""
    file.seek(max(0, size - len(_ARROW_END)))
    is_whole = file.read() == _ARROW_END
    file.seek(0)
    yield from _of_batches(pa.ipc.open_stream(file))
    if not is_whole:
        raise ValueError("the Arrow stream has no end, so rows may be missing")


def _of_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[Row]:
    for batch in batches:
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            yield from batch.slice(start, _BATCH_ROWS).to_pylist()


def _json_rows(file: IO[bytes], uri: str, head: bytes, size: int) -> Iterator[Row]:
    kind = kind_of(head[:HEAD_BYTES], uri)
    for row in read_rows(file, kind=kind, start=0, end=None, size=size, max_row_bytes=_LONGEST_ROW):
        if isinstance(row, Skipped):
            raise ValueError(row.why)
        if isinstance(row, CorpusRow):
            if row.values is None:
                raise ValueError(f"the line at byte {row.offset}: {row.problem[1] if row.problem else 'it has no values'}")
            yield row.values
