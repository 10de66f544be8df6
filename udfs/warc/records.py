"""Stream the records of a WARC file, or of a byte range of one, and account for every byte that is no record.

FastWARC reads what is sound; where it stops, the slow path of `warc_resync` measures the damage and finds the next
record.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal, cast

from fastwarc.warc import ArchiveIterator

from udfs.reading.location import LocationError, OpenAt
from udfs.reading.rewind import Rewind
from udfs.warc.record import PAGE_TYPES as PAGE_TYPES
from udfs.warc.record import Record as Record
from udfs.warc.record import take
from udfs.warc.resync import (
    HEAD_BYTES,
    HEADER_BYTES,
    Extent,
    Kind,
    extent,
    holds_many,
    kind_of,
    line_feeds_only,
    next_start,
    read_up_to,
)
from udfs.warc.resync import splittable as splittable
from udfs.warc.solid import Inflated
from udfs.warc.zstd_frames import dictionary_of, frame_at, straddled

MAX_RECORD_BYTES = 32 << 20
FAULTS = {True: "bytes follow the record inside its member", False: "the record is cut or its checksum is wrong"}


@dataclass(frozen=True)
class Skipped:
    """A span of a file that holds no readable record: `length` bytes from `offset`, and why."""

    offset: int
    length: int
    why: str


@dataclass(frozen=True)
class _Stop:
    """Where a run of sound records ended: the record still held back, the offset reached, and what stopped it."""

    held: Record | None
    offset: int
    why: str | None


@dataclass(frozen=True)
class _File:
    """A WARC file opened by byte offset, and how it is to be read."""

    open_at: OpenAt
    size: int
    kind: Literal["gzip", "plain"]
    max_record_bytes: int


def read_records(
    open_at: OpenAt, *, size: int, start: int = 0, end: int | None = None, max_record_bytes: int = MAX_RECORD_BYTES
) -> Iterator[Record | Skipped]:
    """Yield the records that begin in [start, end) and the spans skipped, in file order.

    `open_at(offset)` opens the file at a byte; `size` is the file's length. The spans of all records and Skipped are
    disjoint and, over ranges that tile the file, cover it: a range takes over at the first record that begins in it and
    gives up at the first that begins at or after its end. A file that is not `splittable` yields nothing for `start` >
    0. Raises LocationError if the file cannot be read on; whatever is wrong with the bytes becomes a Skipped.

    Where a range begins inside a record, or damage is stepped over, a record that lies stored as it is in another's
    body is taken for one of the file's own: nothing in the bytes tells them apart.
    """
    limit = size if end is None else min(end, size)
    if start >= limit:
        return
    rewind = Rewind(open_at)
    try:
        head = read_up_to(rewind.at, offset=0, count=HEAD_BYTES)
        kind = kind_of(head)
        if kind == "zstd":
            if start == 0:
                yield from _read_frames(rewind.at, size=size, limit=limit, max_record_bytes=max_record_bytes)
            return
        file = _File(rewind.at, size, kind, max_record_bytes)
        if start > 0:
            first = next_start(rewind.at, kind=kind, start=start, limit=limit) if splittable(head) else None
            if first is not None:
                yield from _read_range(file, start=first, limit=limit)
        elif kind == "gzip" and not splittable(head) and holds_many(rewind.at):
            whole = Inflated(rewind.at, "gzip")
            yield from _read_inside(whole, offset=0, length=size, max_record_bytes=max_record_bytes)
        else:
            yield from _read_range(file, start=0, limit=limit)
    finally:
        rewind.close()


def _read_range(file: _File, *, start: int, limit: int) -> Iterator[Record | Skipped]:
    position: int | None = start
    while position is not None and position < limit:
        stop = yield from _run(file, position=position, limit=limit)
        if stop.held is None and stop.why is None:
            return
        position = yield from _settle(file, stop)


def _read_frames(open_at: OpenAt, *, size: int, limit: int, max_record_bytes: int) -> Iterator[Record | Skipped]:
    """Read a zstd file frame by frame, each through its decompressed bytes, for FastWARC tells no records' offsets in it."""
    dictionary = dictionary_of(open_at)
    if straddled(open_at, size=size, dictionary=dictionary):
        whole = Inflated(open_at, "zstd", dictionary=dictionary)
        yield from _read_inside(whole, offset=0, length=size, max_record_bytes=max_record_bytes)
        return
    position = 0
    while position < limit:
        frame = frame_at(open_at, offset=position, size=size, dictionary=dictionary)
        if frame.kind == "skippable":
            yield Skipped(position, frame.length, "a skippable zstd frame")
        elif frame.why is not None and not frame.holds_many():
            yield Skipped(position, frame.length, frame.why)
        else:
            yield from _read_inside(frame.inner, offset=position, length=frame.length, max_record_bytes=max_record_bytes)
        position += frame.length


def _read_inside(inflated: Inflated, *, offset: int, length: int, max_record_bytes: int) -> Iterator[Record | Skipped]:
    """Read a span of a file that holds several records, or was compressed as a whole, through its decompressed bytes.

    Its records have no bytes of their own in the file: all have the span's offset and count up `nth`, the last one
    carries the span's length, and what is skipped inside has length 0 and says in words where it lies.
    """
    inner_size, broken = inflated.size()
    rewind = Rewind(inflated.at, skip_bytes=inner_size)
    inner = _File(rewind.at, inner_size, "plain", max_record_bytes)
    last: Record | None = None
    why = "no WARC record in what it decompresses to"
    try:
        for span in _read_range(inner, start=0, limit=inner_size):
            if isinstance(span, Record):
                if last is not None:
                    yield last
                last = replace(span, offset=offset, nth=last.nth + 1 if last else 0, length=0)
            elif span.length == inner_size:
                why = span.why
            else:
                yield Skipped(offset, 0, f"{span.length} bytes from byte {span.offset} of the decompressed ones: {span.why}")
    finally:
        rewind.close()
    if broken:
        yield Skipped(offset, 0, f"it cannot be decompressed beyond {inner_size} bytes: {broken}")
    yield replace(last, length=length) if last else Skipped(offset, length, why)


def _run(file: _File, *, position: int, limit: int) -> Generator[Record | Skipped, None, _Stop]:
    """Yield records from `position` on while FastWARC is content; the next record shows where the held one ends."""
    held: Record | None = None
    # FastWARC calls it quirks; asked anew for every run, since files of several writers are put one behind the other
    quirks = line_feeds_only(read_up_to(file.open_at, offset=position, count=HEADER_BYTES), kind=file.kind)
    stream = file.open_at(position)
    try:
        records = ArchiveIterator(cast(BinaryIO, stream), parse_http=False, max_header_len=HEADER_BYTES, quirks_mode=quirks)
        for raw in records:
            if held is not None and quirks:  # in this mode it passes over lines that are no header: every end is measured
                return _Stop(held, position, None if file.kind == "plain" else "the member goes on in bare line feeds")
            if held is not None and _is_short(held):
                return _Stop(held, position, "the record's body is shorter than its Content-Length")
            if held is not None and not quirks and "\n" in (raw.headers.get("WARC-Type") or "\n"):
                return _Stop(held, position, "the next record names no type")  # perhaps its lines end in bare line feeds
            if held is not None:
                yield replace(held, length=raw.stream_pos - held.offset)
            elif raw.stream_pos > position:
                yield Skipped(position, raw.stream_pos - position, "no WARC record begins here")
            position = raw.stream_pos
            if position >= limit:
                return _Stop(None, position, None)
            nth = held.nth + 1 if held is not None and held.offset == position else 0
            held = take(raw, nth=nth, max_record_bytes=file.max_record_bytes)
        return _Stop(held, position, None if held else "no WARC record begins here")
    except LocationError:
        raise
    except (OSError, ValueError, OverflowError) as error:
        return _Stop(held, position, str(error))
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":  # a panic inside FastWARC is no Exception, and no reason to die
            raise
        return _Stop(held, position, f"FastWARC panicked: {error}")
    finally:
        stream.close()


def _settle(file: _File, stop: _Stop) -> Generator[Record | Skipped, None, int | None]:
    """Yield what became of the record a run stopped at and the span lost after it; return where to read on.

    1. The held record is good if its member or record is measured to end where it says.
    2. If a record begins right after it, reading goes on there (the next run finds out what is wrong with that one).
    3. Else everything up to the next record is skipped: after an intact member from its end, else from the next byte.
    """
    held, position, why = stop.held, stop.offset, stop.why
    found = extent(file.open_at, kind=file.kind, offset=position, size=file.size)
    if held is not None and not _is_short(held) and _ends_well(found, kind=file.kind, why=why):
        yield replace(held, length=found.length)
        position += found.length
        if position >= file.size or _begins(file, position):
            return position
        found, why = Extent(1, False, b""), why or "no WARC record begins here"
    elif held is not None and found.intact and found.rest.startswith(b"WARC/"):
        yield held  # the first records of a member are good, a later one is not: its bytes are listed as skipped
    resume = position + (found.length if found.intact and file.kind != "plain" else 1)
    following = next_start(file.open_at, kind=file.kind, start=resume, limit=file.size)
    after = file.size if following is None else following
    yield Skipped(position, after - position, why or FAULTS[found.intact])
    return following


def _is_short(record: Record) -> bool:
    return record.body is not None and len(record.body) < record.content_length


def _begins(file: _File, offset: int) -> bool:
    return next_start(file.open_at, kind=file.kind, start=offset, limit=offset + 1) == offset


def _ends_well(found: Extent, *, kind: Kind, why: str | None) -> bool:
    """Say whether a record whose body was read in full also ends where its member, or the next record, says it does."""
    if not found.intact:
        return False
    return kind == "plain" or not found.rest or (found.rest.startswith(b"WARC/") and why is None)
