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

    With `warc`, the file's name in the index of [select], only the `chosen` records that the index names are read.
    """

    file_path: str
    chunk: int
    start: int = 0
    end: int | None = None
    attempt: int = 1  # how often the file has been planned, this time included
    warc: str | None = None
    chosen: int | None = None
    version: str | None = None  # of a local file when it was planned; a replaced one is noticed by it


class FileRow:
    """The file row in the making."""

    def __init__(self, planned: FileRange, sandbox: Sandbox) -> None:
        self.end = planned.end
        self.requests = 0
        self.bytes_requested = 0
        self.bytes_unchosen = 0
        self._planned = planned
        self._sandbox = sandbox
        self._restarts = sandbox.restarts
        self._reused = sandbox.reused
        self._began = time.monotonic()
        self._records: Counter[str] = Counter()
        self._not_found = 0
        self._skipped: list[Row] = []
        self._bytes_records = 0
        self._failure: tuple[str, str] | None = None

    def add(self, span: Record | Skipped | NotFound) -> None:
        """Count a record, or list the span of one that could not be read."""
        if isinstance(span, Record):
            self._records[span.type] += 1
            self._bytes_records += span.length
        elif isinstance(span, NotFound):
            self._not_found += 1
            self._add_skipped(Skipped(span.offset, span.length, span.why))
        else:
            self._add_skipped(span)

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
        skipped = sum(span["length"] for span in self._skipped)
        if self._failure is None and not self._records and self._planned.start == 0:
            why = f": {self._skipped[0]['why']}" if self._skipped else ""
            if self._planned.warc is None:
                self.fail("not_warc", f"no WARC record in {skipped} bytes{why}")
            else:
                self.fail("not_found", f"none of the {self._not_found} chosen records lies where the index says{why}")
        reason, error = self._failure or (None, None)
        return {
            "file_path": self._planned.file_path,
            "chunk": self._planned.chunk,
            "start": self._planned.start,
            "end": self.end,
            "records": sorted(self._records.items()),
            "not_found": self._not_found,
            "spans_skipped": self._skipped,
            "bytes_records": self._bytes_records,
            "bytes_skipped": skipped,
            "bytes_unchosen": self.bytes_unchosen,
            "bytes_requested": self.bytes_requested,
            "requests": self.requests,
            "attempts": self._planned.attempt,
            "outcome": "failed" if reason else "read",
            "reason": reason,
            "error": error,
            "seconds": time.monotonic() - self._began,
            "pages_reused": self._sandbox.reused - self._reused,
            "child_restarts": self._sandbox.restarts - self._restarts,
            "child_peak_mb": self._sandbox.peak_mb,
            "worker_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        }
