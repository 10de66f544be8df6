"""The row that tells what became of one input file or range: records by type, every byte, and why it failed if it did."""

import resource
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from udfs.page.extractor import storable
from udfs.page.sandbox import Sandbox
from udfs.warc.chosen_records import NotFound
from udfs.warc.records import Record, Skipped

MAX_ERROR_CHARS = 1000
MAX_SPANS = 10_000

Row = dict[str, Any]


@dataclass(frozen=True)
class FileRange:
    """One unit of reading: the records of a file that begin in the bytes [start, end); `end` None reads to its end.

    The records of a corpus file are its lines, or the row groups of Parquet.

    With `warc`, the file's name in the index of [extract.index_filter], only the `chosen` records that the index names are read.
    """

    file_path: str
    chunk: int
    start: int = 0
    end: int | None = None
    attempt: int = 1  # how often the file has been planned, this time included
    warc: str | None = None
    chosen: int | None = None
    version: str | None = None  # of a local file when it was planned; a replaced one is noticed by it
    corpus: str | None = None  # that a mix has the file from


class FileRow:
    """The file row in the making."""

    def __init__(self, planned: FileRange, sandbox: Sandbox | None = None) -> None:
        self.end = planned.end
        self.requests = 0
        self.bytes_requested = 0
        self.bytes_unchosen = 0
        self.not_found = 0
        self._planned = planned
        self._sandbox = sandbox
        self._restarts = sandbox.restarts if sandbox else 0
        self._reused = sandbox.reused if sandbox else 0
        self._began = time.monotonic()
        self._records: Counter[str] = Counter()
        self._skipped: list[Row] = []
        self._bytes_records = 0
        self._failure: tuple[str, str] | None = None

    def add(self, span: Record | Skipped | NotFound) -> None:
        """Count a record, or list the span of one that could not be read."""
        if isinstance(span, Record):
            self.count(span.type, span.length)
        elif isinstance(span, NotFound):
            self.not_found += 1
            self._add_skipped(Skipped(span.offset, span.length, span.why))
        else:
            self._add_skipped(span)

    def count(self, kind: str, length: int) -> None:
        """Count a record of a kind and its bytes."""
        self._records[kind] += 1
        self._bytes_records += length

    def count_bytes(self, length: int) -> None:
        """Count bytes that were read and belong to no record alone."""
        self._bytes_records += length

    @property
    def read_anything(self) -> bool:
        """Say whether a record was read, or the file has failed for a reason of its own."""
        return bool(self._records) or self._failure is not None

    @property
    def bytes_skipped(self) -> int:
        """Return the bytes of all skipped spans."""
        return sum(span["length"] for span in self._skipped)

    @property
    def first_skipped(self) -> str:
        """Say why the first skipped span was skipped, "" if there is none."""
        return str(self._skipped[0]["why"]) if self._skipped else ""

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
        """Say that the file could not be read, and why."""
        self._failure = (reason, storable(error)[:MAX_ERROR_CHARS])

    def row(self) -> Row:
        """Return the finished row, a dict of FILE_FIELDS."""
        reason, error = self._failure or (None, None)
        return {
            "file_path": self._planned.file_path,
            "chunk": self._planned.chunk,
            "start": self._planned.start,
            "end": self.end,
            "records": sorted(self._records.items()),
            "not_found": self.not_found,
            "spans_skipped": self._skipped,
            "bytes_records": self._bytes_records,
            "bytes_skipped": self.bytes_skipped,
            "bytes_unchosen": self.bytes_unchosen,
            "bytes_requested": self.bytes_requested,
            "requests": self.requests,
            "attempts": self._planned.attempt,
            "outcome": "failed" if reason else "read",
            "reason": reason,
            "error": error,
            "seconds": time.monotonic() - self._began,
            "pages_reused": self._sandbox.reused - self._reused if self._sandbox else 0,
            "child_restarts": self._sandbox.restarts - self._restarts if self._sandbox else 0,
            "child_peak_mb": self._sandbox.peak_mb if self._sandbox else 0,
            "worker_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        }
