"""What documents would cost in a style at the most, without asking: a bound that needs no cutting, and the sum over their questions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from udfs.corpus.worker import ReadFiles
from udfs.documents.batches import indices
from udfs.documents.file_row import FileRange, Row
from udfs.edits.row_error import costs_a_row
from udfs.endpoint.allowance import most_tokens
from udfs.rephrase.settings import Rephrase
from udfs.rephrase.style import KEY_BITS, Style

LEAST = pa.schema([("style", pa.string()), ("cell", pa.int32()), ("tokens", pa.int64()), ("unreadable", pa.string())])
SIZES = pa.schema([("style", pa.string()), ("key", pa.int64()), ("id", pa.string()), ("tokens", pa.int64())])
BATCH_ROWS = 10_000


@dataclass(frozen=True)
class LeastSizes:
    """For mapInArrow: indices into `files` become, for each style and cell of hashes, the sum of bounds from below.

    A cell is the upper `cell_bits` of the hash. A file that cannot be read gives one row that says why.
    """

    files: tuple[FileRange, ...]
    work: Rephrase
    cell_bits: int

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Add up each range by itself."""
        for number in indices(batches):
            yield pa.RecordBatch.from_pylist(list(self.rows(self.files[number])), schema=LEAST)

    def rows(self, planned: FileRange) -> Iterator[Row]:
        """Yield the sums of one range."""
        sums: Counter[tuple[str, int]] = Counter()
        for row in _rows(planned, self.work):
            file = row.get("file")
            if file is not None and file["reason"] == "unreadable":
                yield {"unreadable": f"{planned.file_path}: {file['error']}"}
            for style, key, parent in _styled(row, self.work):
                sums[style.name, _cell(key, self.cell_bits)] += least_of(style, parent["text"])
        for (name, cell), tokens in sums.items():
            yield {"style": name, "cell": cell, "tokens": tokens}


@dataclass(frozen=True)
class Sizes:
    """For mapInArrow: indices into `files` become a row for each style and document up to the style's last cell.

    Raises OSError for a file that was readable a moment ago and is no more.
    """

    files: tuple[FileRange, ...]
    work: Rephrase
    cell_bits: int
    last: Mapping[str, int]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Cut and count document by document."""
        for number in indices(batches):
            rows = self.rows(self.files[number])
            while held := list(islice(rows, BATCH_ROWS)):
                yield pa.RecordBatch.from_pylist(held, schema=SIZES)

    def rows(self, planned: FileRange) -> Iterator[Row]:
        """Yield the documents of one range."""
        for row in _rows(planned, self.work):
            file = row.get("file")
            if file is not None and file["reason"] == "unreadable":
                raise OSError(f"{planned.file_path}: {file['error']}")
            for style, key, parent in _styled(row, self.work):
                if _cell(key, self.cell_bits) <= self.last[style.name]:
                    tokens = size_of(style, parent["text"], model=self.work.model)
                    yield {"style": style.name, "key": key, "id": str(parent["id"]), "tokens": tokens}


def least_of(style: Style, text: str) -> int:
    """Bound from below what `size_of` says, without cutting the text: a request for each rephrase, and no white space."""
    told = len(style.prompt.system.encode("utf-8", "replace")) + len(style.prompt.told("").encode("utf-8", "replace"))
    said = len("".join(text.split()).encode("utf-8", "replace"))
    return (style.gaps or style.copies) * most_tokens(told + said, style.max_tokens)


def size_of(style: Style, text: str, *, model: str) -> int:
    """Return the tokens of all prompts and answers of a document in a style, at the most.

    A segment that is halved for the model's context later is not foreseen. A text that cannot be cut counts with its bound.
    """
    try:
        asked = [
            style.question(piece, model=model, nth=nth)
            for nth in range(style.gaps or style.copies)
            for piece in style.pieces(text, nth=nth)
        ]
    except BaseException as error:
        if not costs_a_row(error):
            raise
        return least_of(style, text)
    return sum(most_tokens(question.prompt_bytes, question.max_tokens) for question in asked)


def _rows(planned: FileRange, work: Rephrase) -> Iterator[Row]:
    return ReadFiles((planned,), work.dump, work.columns, max_row_bytes=work.max_row_bytes).rows(planned)


def _styled(row: Row, work: Rephrase) -> Iterator[tuple[Style, int, Row]]:
    parent = row.get("document")
    if parent is not None and parent["outcome"] == "extracted":
        for style in work.styles:
            yield style, style.key(str(parent["id"]), seed=work.seed), parent


def _cell(key: int, bits: int) -> int:
    return key >> (KEY_BITS - bits)
