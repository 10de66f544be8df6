"""Write captures as Common Crawl stores them: request, response and metadata records, each a gzip member of its own.

The uncompressed bytes are the same on every machine; the compressed ones as long as zlib is the same build.
"""

import base64
import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

from sample.capture import Capture, record_id
from sample.draw import draw

CRAWL_BEGIN = datetime(2026, 1, 12, 4, 0, tzinfo=UTC)
COPY_DELAY = timedelta(days=7)  # a copy is fetched after everything that it may be a copy of
_ISO3 = {
    "en": "eng",
    "de": "deu",
    "fr": "fra",
    "es": "spa",
    "it": "ita",
    "ru": "rus",
    "ja": "jpn",
    "zh": "zho",
    "pl": "pol",
}
_PHRASES = {
    0: "",
    200: "OK",
    301: "Moved Permanently",
    302: "Found",
    404: "Not Found",
    403: "Forbidden",
    500: "Internal Server Error",
}


@dataclass(frozen=True)
class _Exchange:
    """What the records of one capture share."""

    capture: Capture
    date: str
    address: str
    info_id: str


def write_warc(path: Path, captures: list[Capture]) -> None:
    """Write one WARC file: a warcinfo record, then the records of each capture in the given order."""
    info_id = record_id(path.name)
    with path.open("wb") as file:
        file.write(_member(_warcinfo(path.name, info_id)))
        for capture in captures:
            for record in capture_records(capture, info_id=info_id):
                damaged = capture.damaged and b"\r\nWARC-Type: response\r\n" in record[:2000]
                file.write(_destroyed(_member(record)) if damaged else _member(record))
        first = next(capture for capture in captures if capture.expected == "kept")
        file.write(_member(_revisit(_exchange(first, info_id))))


def capture_records(capture: Capture, *, info_id: str) -> tuple[bytes, bytes, bytes]:
    """Return the request, response and metadata records of a capture, uncompressed."""
    exchange = _exchange(capture, info_id)
    path = "/" + capture.url.split("/", 3)[3]
    host = capture.url.split("/")[2]
    agent = "CCBot/2.0 (https://commoncrawl.org/faq/)"
    request = f"GET {path} HTTP/1.1\r\nUser-Agent: {agent}\r\nAccept-Encoding: br,gzip\r\nHost: {host}\r\n\r\n"
    request_id = record_id(f"{capture.name}/request")
    head = capture.head if capture.head is not None else _http_head(exchange)
    extra = [
        ("WARC-Concurrent-To", request_id),
        ("WARC-IP-Address", exchange.address),
        ("WARC-Target-URI", capture.url),
    ]
    extra += [("WARC-Payload-Digest", digest(capture.body)), ("WARC-Identified-Payload-Type", capture.payload_type)]
    if capture.truncated:
        extra.append(("WARC-Truncated", capture.truncated))
    return (
        _record(
            "request",
            exchange,
            record=request_id,
            block=request.encode(),
            mime="application/http; msgtype=request",
            extra=[("WARC-IP-Address", exchange.address), ("WARC-Target-URI", capture.url)],
        ),
        _record(
            "response",
            exchange,
            record=capture.record_id,
            block=head + capture.body,
            mime="application/http; msgtype=response",
            extra=extra,
        ),
        _record(
            "metadata",
            exchange,
            record=record_id(f"{capture.name}/metadata"),
            block=_metadata(capture),
            mime="application/warc-fields",
            extra=[("WARC-Concurrent-To", capture.record_id), ("WARC-Target-URI", capture.url)],
        ),
    )


def digest(data: bytes) -> str:
    """Return a digest as WARC headers hold it: SHA-1 in base 32."""
    return "sha1:" + base64.b32encode(sha1(data, usedforsecurity=False).digest()).decode()


def fetched_at(capture: Capture) -> str:
    """Return the second at which a capture was made: copies a week after originals, ends of chains two weeks."""
    moment = CRAWL_BEGIN + timedelta(seconds=draw(6 * 86400, "date", capture.name))
    if capture.group:
        moment += 2 * COPY_DELAY if capture.kind == "chain" and capture.expected == "kept" else COPY_DELAY
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _exchange(capture: Capture, info_id: str) -> _Exchange:
    host = capture.url.split("/")[2]
    return _Exchange(capture, fetched_at(capture), f"192.0.2.{1 + draw(254, 'address', host)}", info_id)


def _http_head(exchange: _Exchange) -> bytes:
    capture = exchange.capture
    length = len(capture.body)
    lines = [
        f"HTTP/1.1 {capture.status} {_PHRASES.get(capture.status, 'Error')}",
        "Server: nginx",
        f"Date: {exchange.date}",
    ]
    if capture.content_type:
        lines.append(f"Content-Type: {capture.content_type}")
    lines += [f"{name}: {value}" for name, value in capture.headers]
    # Common Crawl stores what it decoded, and keeps the server's own headers under other names.
    lines += ["X-Crawl-Content-Encoding: gzip", "X-Crawl-Transfer-Encoding: chunked", f"Content-Length: {length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _metadata(capture: Capture) -> bytes:
    fields = [f"fetchTimeMs: {40 + draw(900, 'ms', capture.name)}"]
    if capture.charset:
        fields.append(f"charset-detected: {capture.charset.upper()}")
    if capture.language:
        code = {
            "code": capture.language,
            "code-iso-639-3": _ISO3[capture.language],
            "text-covered": 0.99,
            "score": 1200.0,
            "name": capture.language,
        }
        found = {"reliable": True, "text-bytes": len(capture.main_text.encode()), "languages": [code]}
        fields.append(f"languages-cld2: {json.dumps(found)}")
    return ("\r\n".join(fields) + "\r\n\r\n").encode()


def _revisit(exchange: _Exchange) -> bytes:
    capture = exchange.capture
    extra = [
        ("WARC-Target-URI", capture.url),
        ("WARC-Payload-Digest", digest(capture.body)),
        ("WARC-Refers-To", capture.record_id),
    ]
    extra.append(("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"))
    name = record_id(f"{capture.name}/revisit")
    block = b"HTTP/1.1 304 Not Modified\r\nServer: nginx\r\n\r\n"
    return _record("revisit", exchange, record=name, block=block, mime="application/http; msgtype=response", extra=extra)


def _record(kind: str, exchange: _Exchange, *, record: str, block: bytes, mime: str, extra: list[tuple[str, str]]) -> bytes:
    fields = [
        ("WARC-Type", kind),
        ("WARC-Date", exchange.date),
        ("WARC-Record-ID", record),
        ("Content-Length", str(len(block))),
    ]
    fields += [
        ("Content-Type", mime),
        ("WARC-Warcinfo-ID", exchange.info_id),
        *extra,
        ("WARC-Block-Digest", digest(block)),
    ]
    return _serialised(fields, block)


def _warcinfo(file_name: str, info_id: str) -> bytes:
    lines = [
        "isPartOf: SAMPLE-2026-01",
        "publisher: gristmill",
        "description: pages written for gristmill, fetched from nowhere",
    ]
    block = ("\r\n".join([*lines, "format: WARC File Format 1.1"]) + "\r\n\r\n").encode()
    date = CRAWL_BEGIN.strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Date", date),
        ("WARC-Record-ID", info_id),
        ("Content-Length", str(len(block))),
    ]
    fields += [
        ("Content-Type", "application/warc-fields"),
        ("WARC-Filename", file_name),
        ("WARC-Block-Digest", digest(block)),
    ]
    return _serialised(fields, block)


def _serialised(fields: list[tuple[str, str]], block: bytes) -> bytes:
    head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
    return head.encode() + block + b"\r\n\r\n"


def _member(record: bytes) -> bytes:
    return gzip.compress(record, compresslevel=6, mtime=0)


def _destroyed(member: bytes) -> bytes:
    """Flip every bit of 200 bytes in the middle of a gzip member, so that reading has to find the next record."""
    middle = len(member) // 2
    return member[: middle - 100] + bytes(byte ^ 0xFF for byte in member[middle - 100 : middle + 100]) + member[middle + 100 :]
