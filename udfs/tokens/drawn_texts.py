"""Draw texts of a corpus by a hash of each, in Python workers: first count bytes by hash, then give out the texts of small hashes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import xxhash

from udfs.corpus.worker import ReadFiles
from udfs.documents.batches import MAX_BATCH_BYTES
from udfs.documents.file_row import FileRange, Row

UNKNOWN = "und"  # the language of a text of which nobody has said any
STRATA = {"language": "page_language", "dump": "dump"}  # what shares are given by, and what a document calls it
STEPS = 32  # of each halving of the hashes: the texts of a step are about 1/32 of those of smaller hashes
# Ranges of files, by which a task is told what to read. A list of all 90,000 would cost each task 0.2 s, before it reads one.
FILES = pa.schema([("number", pa.int32()), ("path", pa.string()), ("start", pa.int64()), ("end", pa.int64())])
# Bytes of texts by where their hash lies; of a file that cannot be read there is one row, with its number and what is wrong.
SIZES = pa.schema(
    [
        ("held", pa.bool_()),
        ("stratum", pa.string()),
        ("step", pa.int32()),
        ("bytes", pa.int64()),
        ("file", pa.int32()),
        ("failed", pa.string()),
    ]
)
TEXTS = pa.schema(
    [("held", pa.bool_()), ("stratum", pa.string()), ("language", pa.string()), ("text", pa.string()), ("failed", pa.string())]
)


class Group(NamedTuple):
    """Name what a reservoir is for: the texts held out, or the others, of one value of the column that shares are given by."""

    held: bool
    stratum: str


class Place(NamedTuple):
    """Say which group a text belongs to, and how far its hash lies from the smallest there (64 bits)."""

    group: Group
    offset: int


@dataclass(frozen=True)
class Drawing:
    """Say how texts are drawn. `strata` are the values that have a share, of `column`; without a column all texts are alike."""

    seed: int
    holdout: float
    column: str | None = None
    strata: frozenset[str] = frozenset(("",))

    def stratum(self, document: Row) -> str:
        """Return a document's value of the column."""
        return "" if self.column is None else document[STRATA[self.column]] or UNKNOWN

    def place(self, text: str, stratum: str) -> Place:
        """Place a text by its hash alone: it is held out, or not, wherever it stands."""
        key = xxhash.xxh3_64_intdigest(text.encode(), seed=self.seed)
        border = int(self.holdout * 2**64)
        held = key < border
        return Place(Group(held, stratum), key if held else key - border)


@dataclass(frozen=True)
class SizesOfTexts:
    """Turn batches of FILES into batches of SIZES. No text leaves the worker."""

    reader: ReadFiles
    drawing: Drawing

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Count all files of a task together."""
        found: Counter[tuple[Group, int]] = Counter()
        rows: list[Row] = []
        for number, file in _files(batches):
            sizes = self._sizes(file)
            if isinstance(sizes, str):
                rows.append({"file": number, "failed": sizes})
            else:
                found.update(sizes)
        rows += [{**group._asdict(), "step": step, "bytes": size} for (group, step), size in found.items()]
        yield pa.RecordBatch.from_pylist(rows, schema=SIZES)

    def _sizes(self, file: FileRange) -> Counter[tuple[Group, int]] | str:
        """Count a file's bytes, or say what is wrong with it."""
        found: Counter[tuple[Group, int]] = Counter()
        for row in self.reader.rows(file):
            if failure := _failure(row):
                return failure
            for document in _wanted(row, self.drawing):
                text = document["text"]
                place = self.drawing.place(text, self.drawing.stratum(document))
                found[place.group, step_of(place.offset)] += len(text.encode())
        return found


@dataclass(frozen=True)
class TextsOfSteps:
    """Turn batches of FILES into batches of TEXTS: those from a group's least step on."""

    reader: ReadFiles
    drawing: Drawing
    least: Mapping[Group, int]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give out the texts of a task's files, in batches of about MAX_BATCH_BYTES."""
        held: list[Row] = []
        size = 0
        for _, file in _files(batches):
            for row in self._texts(file):
                held.append(row)
                size += len(row.get("text", ""))
                if size > MAX_BATCH_BYTES:
                    yield pa.RecordBatch.from_pylist(held, schema=TEXTS)
                    held, size = [], 0
        yield pa.RecordBatch.from_pylist(held, schema=TEXTS)

    def _texts(self, file: FileRange) -> Iterator[Row]:
        for row in self.reader.rows(file):
            if failure := _failure(row):
                yield {"failed": failure}
            for document in _wanted(row, self.drawing):
                text = document["text"]
                group, offset = self.drawing.place(text, self.drawing.stratum(document))
                if group in self.least and step_of(offset) >= self.least[group]:
                    yield {**group._asdict(), "language": document["page_language"] or UNKNOWN, "text": text}


def step_of(offset: int) -> int:
    """Number the step of the hashes that an offset of 64 bits lies in; smaller offsets have larger numbers.

    >>> step_of(2**64 - 1), step_of(2**63), step_of(2**63 - 1), step_of(0)
    (0, 31, 32, 2079)
    """
    bits = offset.bit_length()
    behind = (offset << (64 - bits) >> 58) & (STEPS - 1)  # the five bits behind the leading one
    return (64 - bits) * STEPS + STEPS - 1 - behind


def _files(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, FileRange]]:
    for batch in batches:
        for row in batch.to_pylist():
            yield row["number"], FileRange(row["path"], 0, row["start"], row["end"])


def _failure(row: Row) -> str | None:
    """Return what is wrong with a file, if the row says so; an error mostly names the file itself."""
    told = row.get("file")
    if not told or told["outcome"] != "failed":
        return None
    path, error = told["file_path"], told["error"]
    return str(error) if path in error else f"{path}: {error}"


def _wanted(row: Row, drawing: Drawing) -> Iterator[Row]:
    """Yield the document of a row, if it has a text and a share."""
    document = row.get("document")
    if document is not None and document["outcome"] == "extracted" and drawing.stratum(document) in drawing.strata:
        yield document
