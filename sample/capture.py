"""One capture of the sample: what the crawler stored, and the truth about it."""

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5


@dataclass(frozen=True)
class Capture:
    """A page as fetched and what a run should make of it.

    `name` is unique and gives the record its id; `original` names the capture that this one repeats, `group` the first
    of all captures that stem from one article. `charset` is the true encoding (WHATWG name), `content_type` what the
    header says. `head` replaces the whole HTTP header; `damaged` destroys the record's gzip member.
    """

    name: str
    url: str
    kind: str
    body: bytes
    language: str | None = None
    main_text: str = ""
    status: int = 200
    content_type: str | None = "text/html; charset=UTF-8"
    payload_type: str = "text/html"
    charset: str | None = "utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    head: bytes | None = None
    truncated: str | None = None
    damaged: bool = False
    expected: str = "kept"
    reason: str | None = None
    original: str | None = None
    group: str | None = None
    jaccard: float | None = None
    pii: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    opt_out: tuple[str, ...] = ()
    licence: str | None = None

    @property
    def record_id(self) -> str:
        """Return the WARC-Record-ID of the response."""
        return record_id(self.name)


def record_id(name: str) -> str:
    """Return the id of a record by its name: a version-5 UUID, the same in every build."""
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'https://gristmill.example/sample/{name}')}>"


def truth_row(capture: Capture, *, warc_file: str) -> dict[str, Any]:
    """Return the row of truth.jsonl for a capture."""
    return {
        "record_id": capture.record_id,
        "url": capture.url,
        "warc_file": warc_file,
        "kind": capture.kind,
        "language": capture.language,
        "charset": capture.charset,
        "status": capture.status,
        "expected": capture.expected,
        "expected_reason": capture.reason,
        "duplicate_of": record_id(capture.original) if capture.original else None,
        "group": record_id(capture.group) if capture.group else None,
        "jaccard": capture.jaccard,
        "main_text": capture.main_text,
        "pii": list(capture.pii),
        "unwanted": list(capture.unwanted),
        "opt_out": list(capture.opt_out),
        "licence": capture.licence,
    }
