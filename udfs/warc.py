"""Stream the records of a WARC file, or of a byte range of one, and account for every byte that is no record.

FastWARC reads what is sound; where it stops, the slow path of `warc_resync` measures the damage and finds the next
record.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, cast

from fastwarc.warc import ArchiveIterator, WarcRecord

from udfs.location import LocationError, OpenAt
from udfs.rewind import Rewind
from udfs.warc_resync import (
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
from udfs.warc_resync import splittable as splittable
from udfs.warc_solid import InflatedStream, inflated_size

RECORD_TYPES = frozenset({"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"})
PAGE_TYPES = frozenset({"response", "resource", "conversion"})
MAX_RECORD_BYTES = 32 << 20
FAULTS = {True: "bytes follow the record inside its member", False: "the record is cut or its checksum is wrong"}


@dataclass(frozen=True)
class Record:
    """One WARC record. `offset` and `length` are bytes of the file as stored (compressed).

    Headers and body are copied for PAGE_TYPES only; a page record without a body is `too_large`. Where several records
    share one gzip member, `nth` counts them from 0, all have the member's offset, and the last of them carries its
    length.
    """

    type: str
    offset: int
    nth: int
    length: int
    content_length: int
    id: str | None = None
    url: str | None = None
    date: str | None = None
    content_type: str | None = None
    payload_type: str | None = None
    truncated: str | None = None
    digest: str | None = None
    too_large: bool = False
    body: bytes | None = None


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
    kind: Kind
    quirks: bool  # FastWARC's name for taking bare line feeds in headers
    max_record_bytes: int


def read_records(
    open_at: OpenAt, *, size: int, start: int = 0, end: int | None = None, max_record_bytes: int = MAX_RECORD_BYTES
) -> Iterator[Record | Skipped]:
    """Yield the records that begin in [start, end) and the spans skipped, in file order.

    `open_at(offset)` opens the file at a byte; `size` is the file's length. The spans of all records and Skipped are
    disjoint and, over ranges that tile the file, cover it: a range takes over at the first record that begins in it and
    gives up at the first that begins at or after its end. A file that is not `splittable` yields nothing for `start` >
    0. Raises LocationError if the file cannot be read on; whatever is wrong with the bytes becomes a Skipped.
    """
    limit = size if end is None else min(end, size)
    if start >= limit:
        return
    rewind = Rewind(open_at)
    try:
        head = read_up_to(rewind.at, offset=0, count=HEAD_BYTES)
        kind = kind_of(head)
        file = _File(rewind.at, size, kind, line_feeds_only(head, kind=kind), max_record_bytes)
        if start > 0:
            first = next_start(rewind.at, kind=kind, start=start, limit=limit) if splittable(head) else None
            if first is not None:
                yield from _read_range(file, start=first, limit=limit)
        elif kind == "gzip" and not splittable(head) and holds_many(rewind.at):
            yield from _read_solid(file)
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


def _read_solid(file: _File) -> Iterator[Record | Skipped]:
    """Read a file that was gzipped as a whole, through its decompressed bytes.

    Its records have no bytes of their own in the file: all have offset 0 and count up `nth`, the last one carries the
    file's length, and a span skipped has length 0 and says in words where it lies.
    """
    inner_size, broken = inflated_size(file.open_at)
    inner = replace(file, open_at=lambda offset: InflatedStream(file.open_at(0), start=offset), size=inner_size, kind="plain")
    last: Record | None = None
    for span in _read_range(inner, start=0, limit=inner_size):
        if isinstance(span, Record):
            if last is not None:
                yield last
            last = replace(span, offset=0, nth=last.nth + 1 if last else 0, length=0)
        else:
            yield Skipped(0, 0, f"{span.length} bytes from byte {span.offset} of the decompressed file: {span.why}")
    if broken:
        yield Skipped(0, 0, f"it cannot be decompressed beyond {inner_size} bytes: {broken}")
    yield replace(last, length=file.size) if last else Skipped(0, file.size, "no WARC record in the decompressed file")


def _run(file: _File, *, position: int, limit: int) -> Generator[Record, None, _Stop]:
    """Yield records from `position` on while FastWARC is content; the next record shows where the held one ends."""
    held: Record | None = None
    stream = file.open_at(position)
    try:
        records = ArchiveIterator(
            cast(BinaryIO, stream), parse_http=False, max_header_len=HEADER_BYTES, quirks_mode=file.quirks
        )
        for raw in records:
            if held is not None:
                yield replace(held, length=raw.stream_pos - held.offset)
            position = raw.stream_pos
            if position >= limit:
                return _Stop(None, position, None)
            nth = held.nth + 1 if held is not None and held.offset == position else 0
            held = _take(raw, nth=nth, max_record_bytes=file.max_record_bytes)
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


def _take(raw: WarcRecord, *, nth: int, max_record_bytes: int) -> Record:
    """Copy a record out of FastWARC's buffers; a body that ends too early is found out by `_settle`, as the file ends with it."""
    length = raw.content_length
    name = (raw.headers.get("WARC-Type") or "").strip().lower()
    record = Record(
        type=name if name in RECORD_TYPES else "unknown",
        offset=raw.stream_pos,
        nth=nth,
        length=0,
        content_length=length,
    )
    if name not in PAGE_TYPES:
        return record
    headers = {key.lower(): value for key, value in raw.headers.items()}
    record = replace(
        record,
        id=_text(headers.get("warc-record-id")),
        url=_text((headers.get("warc-target-uri") or "").strip(" <>")),  # brackets: wget, after the grammar of WARC/1.0
        date=_text(headers.get("warc-date")),
        content_type=_text(headers.get("content-type")),
        payload_type=_text(headers.get("warc-identified-payload-type")),
        truncated=_text(headers.get("warc-truncated")),
        digest=_text(headers.get("warc-payload-digest")),
    )
    if length > max_record_bytes:
        return replace(record, too_large=True)
    return replace(record, body=raw.reader.read(length) if length else b"")


def _text(value: str | None) -> str | None:
    """Make a header value storable: no NUL, no lone surrogate, None for an empty one."""
    if not value:
        return None
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip() or None


def _settle(file: _File, stop: _Stop) -> Generator[Record | Skipped, None, int | None]:
    """Yield what became of the record a run stopped at and the span lost after it; return where to read on.

    1. The held record is good if its member or record is measured to end where it says.
    2. If a record begins right after it, reading goes on there (the next run finds out what is wrong with that one).
    3. Else everything up to the next record is skipped: after an intact member from its end, else from the next byte.
    """
    held, position, why = stop.held, stop.offset, stop.why
    found = extent(file.open_at, kind=file.kind, offset=position, size=file.size)
    if held is not None and _ends_well(found, kind=file.kind, why=why):
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


def _begins(file: _File, offset: int) -> bool:
    return next_start(file.open_at, kind=file.kind, start=offset, limit=offset + 1) == offset


def _ends_well(found: Extent, *, kind: Kind, why: str | None) -> bool:
    """Say whether a record whose body was read in full also ends where its member, or the next record, says it does."""
    if not found.intact:
        return False
    return kind == "plain" or not found.rest or (found.rest.startswith(b"WARC/") and why is None)
