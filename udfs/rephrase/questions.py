"""The questions of corpus files without asking them: counted for an estimate, or written as the lines of a batch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from udfs.corpus.worker import ReadFiles
from udfs.documents.batches import indices
from udfs.documents.file_row import FileRange, Row
from udfs.endpoint.answers import stored
from udfs.endpoint.batch_file import request_line
from udfs.endpoint.question import Question
from udfs.rephrase.settings import Rephrase, place_of
from udfs.rephrase.style import rephrases

COUNTS = pa.schema(
    [(name, pa.int64()) for name in ("documents", "rephrases", "questions", "answered", "prompt_bytes", "most_out")]
)
LINES = pa.schema([("value", pa.string())])
BATCH_LINES = 256


@dataclass(frozen=True)
class CountQuestions:
    """For mapInArrow: indices into `files` become a row each of what rephrasing them would ask and what is answered already."""

    files: tuple[FileRange, ...]
    work: Rephrase

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Count file by file; questions that were answered cost nothing, and are counted apart."""
        for number in indices(batches):
            yield pa.RecordBatch.from_pylist([self.count(self.files[number])], schema=COUNTS)

    def count(self, planned: FileRange) -> Row:
        """Count what one range asks."""
        total = dict.fromkeys(COUNTS.names, 0)
        paid = {key for key, _, _ in stored(self.work.folder(planned))}
        for asked in _rephrases(planned, self.work):
            total["documents"] += bool(asked)
            total["rephrases"] += len(asked)
            for question in (one for some in asked for one in some):
                if question.key in paid:
                    total["answered"] += 1
                    continue
                total["questions"] += 1
                total["prompt_bytes"] += question.prompt_bytes
                total["most_out"] += question.max_tokens
        return total


@dataclass(frozen=True)
class WriteQuestions:
    """For mapInArrow: indices into `files` become the lines of a batch, one for each question that has no answer yet."""

    files: tuple[FileRange, ...]
    work: Rephrase

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Write file by file; equal questions of a file are one line."""
        for number in indices(batches):
            lines = self.lines(self.files[number])
            while held := list(islice(lines, BATCH_LINES)):
                yield pa.RecordBatch.from_pylist([{"value": line} for line in held], schema=LINES)

    def lines(self, planned: FileRange) -> Iterator[str]:
        """Yield the lines of one range."""
        seen = {key for key, _, _ in stored(self.work.folder(planned))}
        for asked in _rephrases(planned, self.work):
            for question in (one for some in asked for one in some):
                if question.key not in seen:
                    seen.add(question.key)
                    yield request_line(place_of(planned), question)


def _rephrases(planned: FileRange, work: Rephrase) -> Iterator[list[list[Question]]]:
    """Yield, for each document, the questions of each of its rephrases."""
    for row in ReadFiles((planned,), work.dump, work.columns, max_row_bytes=work.max_row_bytes).rows(planned):
        parent = row.get("document")
        if parent is None or parent["outcome"] != "extracted":
            continue
        yield [
            [style.question(piece, model=work.model, nth=nth) for piece in style.pieces(parent["text"], nth=nth)]
            for style, nth in rephrases(str(parent["id"]), work.styles, seed=work.seed)
        ]
