"""Read the records of a WARC that an index names, by ranges of bytes, and say of each whether it lies where the index says."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from udfs.reading.coalesce import Span, coalesce
from udfs.reading.location import InputFile, Stream
from udfs.reading.rewind import Rewind
from udfs.warc.records import Record, Skipped, read_records


@dataclass(frozen=True)
class NotFound:
    """A chosen record that does not lie where the index says; `length` of its bytes no other chosen record claims."""

    offset: int
    length: int
    why: str


class ChosenRecords:
    """The chosen records of one file, and what reading them takes."""

    def __init__(self, file: InputFile, spans: Sequence[Span], *, gap_bytes: int) -> None:
        self._file = file
        self._spans = sorted(set(spans))
        self._ranges = coalesce(self._spans, gap=gap_bytes)
        self._gap_bytes = gap_bytes

    @property
    def bytes_requested(self) -> int:
        """Return the bytes of all ranges, the gaps that are read through included."""
        return sum(stop - start for start, stop in self._ranges)

    def bytes_unchosen(self) -> int:
        """Return how many of the file's bytes no chosen span covers."""
        size = self._file.size()
        return size - sum(max(0, min(stop, size) - min(start, size)) for start, stop in coalesce(self._spans, gap=0))

    def read(self, *, max_record_bytes: int) -> Iterator[Record | NotFound]:
        """Yield what lies at each chosen span, in file order; LocationError if the file cannot be read."""
        rewind = Rewind(self._open_at, skip_bytes=self._gap_bytes)
        covered = 0
        try:
            for offset, length in self._spans:
                window = _Window(rewind, offset, length)
                found = list(islice(read_records(window.at, size=length, max_record_bytes=max_record_bytes), 2))
                why = _fault(found) if offset >= covered else "another chosen record lies over it"
                if why is None and isinstance(found[0], Record):
                    yield replace(found[0], offset=offset)
                else:
                    own = max(0, min(offset + length, self._file.size()) - max(offset, covered))
                    yield NotFound(offset, own, f"the index names {length} bytes from byte {offset}: {why}")
                covered = max(covered, offset + length)
        finally:
            rewind.close()

    def _open_at(self, offset: int) -> Stream:
        _, stop = self._ranges[bisect_right(self._ranges, (offset, float("inf"))) - 1]
        return _Cut(self._file.open_at(offset, stop), position=offset, stop=stop)


def _fault(found: Sequence[Record | Skipped]) -> str | None:
    """Say why a span is not one whole record, None if it is; what the reader gives of a span always covers it."""
    if not found:
        return "nothing lies there"
    first = found[0]
    if isinstance(first, Skipped):
        return first.why
    if len(found) > 1:
        return f"the record there has {first.length} bytes"
    return None


@dataclass(frozen=True)
class _Window:
    """A span of a file as a file of its own, so that the one reader of WARCs serves a single record too."""

    rewind: Rewind
    offset: int
    length: int

    def at(self, start: int) -> "_Cut":
        return _Cut(self.rewind.at(self.offset + start), position=start, stop=self.length)


class _Cut:
    """A stream that counts from `position` on and ends at `stop`, whatever follows there."""

    def __init__(self, stream: Stream, *, position: int, stop: int) -> None:
        self._stream = stream
        self._position = position
        self._stop = stop

    def read(self, size: int = -1, /) -> bytes:
        left = self._stop - self._position
        data = self._stream.read(left if size < 0 else min(size, left)) if left > 0 else b""
        self._position += len(data)
        return data

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        self._stream.close()
