"""Functions that die when a name or text asks for it; a module of its own, since each child imports it."""

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from udfs.corpus.document import CorpusRow
from udfs.corpus.json_lines import Blank
from udfs.corpus.worker import ReadFiles
from udfs.documents.file_row import FileRange, FileRow
from udfs.documents.worker import ExtractFiles
from udfs.reading.location import InputFile
from udfs.signals.annotated_page import Page
from udfs.signals.annotator import Annotator
from udfs.warc.records import Record, Skipped


def die(word: str) -> None:
    """Do what a text asks for."""
    if "SIGSEGV" in word:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "SIGKILL" in word:
        os.kill(os.getpid(), signal.SIGKILL)
    if "exit" in word:
        os.write(2, b"last words")
        os._exit(3)
    if "memory" in word:
        raise MemoryError
    if "raise" in word:
        raise ValueError("not the page's fault")


class Deadly(ExtractFiles):
    """Read WARCs; a file whose name asks for it kills the process after its first record."""

    def _all(self, planned: FileRange, file: InputFile, told: FileRow) -> Iterator[Record | Skipped]:
        for number, span in enumerate(super()._all(planned, file, told)):
            if number:
                die(Path(planned.file_path).name)
            yield span


class DeadlyCorpus(ReadFiles):
    """Read corpus files; a file whose name asks for it kills the process after its first row."""

    def _read(self, planned: FileRange, file: InputFile, told: FileRow) -> Iterator[CorpusRow | Blank | Skipped]:
        for number, row in enumerate(super()._read(planned, file, told)):
            if number:
                die(Path(planned.file_path).name)
            yield row


class DeadlyAnnotator(Annotator):
    """Measure texts; one that asks for it kills the process."""

    def _measure(self, page: Page) -> None:
        die(page.extracted or "")
        super()._measure(page)


def echo(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give back every row as a batch; a word may ask for death."""
    for batch in batches:
        for place in range(batch.num_rows):
            die(batch.column("word")[place].as_py())
            yield batch.slice(place, 1)
