"""Say what is kept of one WARC record, and copy it out of FastWARC's buffers."""

from dataclasses import dataclass, replace

from fastwarc.warc import WarcRecord

RECORD_TYPES = frozenset({"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"})
PAGE_TYPES = frozenset({"response", "resource", "conversion"})


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


def take(raw: WarcRecord, *, nth: int, max_record_bytes: int) -> Record:
    """Copy a record out of FastWARC's buffers; a body that ends too early comes out shorter than `content_length`."""
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
