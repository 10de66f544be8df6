"""Plan the reading of a corpus on the driver: check that its columns are there, and cut its files into ranges."""

from contextlib import closing
from itertools import islice, pairwise

from udfs.corpus.columns import CorpusColumns, check_names, holds
from udfs.corpus.document import CorpusRow
from udfs.corpus.errors import CorpusError as CorpusError
from udfs.corpus.errors import MissingColumn as MissingColumn
from udfs.corpus.folders import corpus_files as corpus_files
from udfs.corpus.formats import open_range
from udfs.corpus.json_lines import read_rows
from udfs.corpus.parquet_rows import check_schema, open_parquet, row_groups
from udfs.documents.file_row import FileRange
from udfs.reading.location import InputFile
from udfs.reading.seekable import SeekableFile

CHECKED_ROWS = 100  # of a JSONL file: its rows need not have the same keys
CHECKED_LINE_BYTES = 32 << 20


def ranges_of(location: str, *, split_bytes: int, chunk: int = 0) -> tuple[FileRange, ...]:
    """Cut a file into ranges of about `split_bytes`; together they cover it.

    Parquet is cut where row groups begin, uncompressed JSONL anywhere (a range owns the lines that begin in it), and compressed
    JSONL not at all. It costs a request, and one or two more for a footer where a Parquet file is longer than `split_bytes`.
    Raises LocationError or CorpusError.
    """
    with closing(InputFile(location)) as file:
        size = file.size()
        if size <= split_bytes:
            return (FileRange(location, chunk, 0, None),)
        opened = open_range(file, location, start=0)
        if opened.stream is not None:
            opened.stream.close()
        cuts: list[int] = []
        if opened.kind == "plain":
            cuts = list(range(split_bytes, size, split_bytes))
        elif opened.kind == "parquet":
            cuts = _between_groups(SeekableFile(file), location, split_bytes=split_bytes)
    return tuple(FileRange(location, chunk, start, end) for start, end in pairwise([0, *cuts, size]))


def _between_groups(file: SeekableFile, location: str, *, split_bytes: int) -> list[int]:
    cuts: list[int] = []
    for group in sorted(row_groups(open_parquet(file, location)), key=lambda group: group.start)[1:]:
        if group.start - (cuts[-1] if cuts else 0) >= split_bytes:
            cuts.append(group.start)
    return cuts


def check_columns(location: str, columns: CorpusColumns) -> None:
    """Raise MissingColumn if a file lacks a column that is needed, and list those that it has; LocationError, CorpusError.

    Needed are the text, every column for which `columns` names another than the default, and all of `carry`. Of a JSONL file the
    first CHECKED_ROWS rows are asked; one without a readable row says nothing.
    """
    with closing(InputFile(location)) as file:
        opened = open_range(file, location, start=0)
        if opened.stream is None:
            check_schema(open_parquet(SeekableFile(file), location), columns, location=location)
            return
        with closing(opened.stream):
            rows = read_rows(
                opened.stream, kind=opened.kind, start=0, end=None, size=file.size(), max_row_bytes=CHECKED_LINE_BYTES
            )
            given = (row.values for row in islice(rows, CHECKED_ROWS) if isinstance(row, CorpusRow))
            seen = [values for values in given if values is not None]
    if not seen:
        return
    there = dict.fromkeys(name for values in seen for name in values)
    check_names(columns, lambda name: any(holds(values, name) for values in seen), location=location, there=there)
