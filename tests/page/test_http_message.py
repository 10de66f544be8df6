import gzip
import zlib
from collections.abc import Callable

import pytest

from tests.fuzz.http_of import brotli
from udfs.page.http_message import HttpMessage, TooLarge, Undecodable, charset_of, decode_body, mime_of, parse_message

PAGE = b"<html><p>A page of some words.</p></html>"


def encoded(encoding: str, body: bytes, *, transfer: str | None = None) -> HttpMessage:
    headers = [("content-encoding", encoding)] if encoding else []
    return HttpMessage(200, (*headers, *((("transfer-encoding", transfer),) if transfer else ())), body)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"HTTP/1.1 200 OK", 200),
        (b"HTTP/2 200", 200),
        (b"http/1.0  404  Not Found", 404),
        (b"HTTP/1.1 OK", None),
        (b"HTTP/1.1 -1 x", None),
        (b"HTTP/1.1 2000 x", None),
    ],
)
def test_a_status_line_gives_its_three_digits_or_none(line: bytes, status: int | None) -> None:
    assert parse_message(line + b"\r\nA: b\r\n\r\nbody") == HttpMessage(status, (("a", "b"),), b"body")


def test_headers_may_be_folded_foreign_and_without_colon() -> None:
    block = b"HTTP/1.1 200 OK\nX-Long: one\n two\nno colon here\nX-Name: caf\xe9\nX-Name: caf\xc3\xa9\n\nbody"
    message = parse_message(block)
    assert message == HttpMessage(200, (("x-long", "one two"), ("x-name", "café"), ("x-name", "café")), b"body")
    assert (message.header("x-long"), message.values("x-name"), message.header("absent")) == (
        "one two",
        ("café", "café"),
        None,
    )


def test_what_is_no_http_is_all_body() -> None:
    assert parse_message(b"ICY 200 OK\r\n\r\nx") == HttpMessage(None, (), b"ICY 200 OK\r\n\r\nx")
    assert parse_message(b"") == HttpMessage(None, (), b"")


def test_a_flood_of_headers_is_cut_off() -> None:
    message = parse_message(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000 + b"\r\nbody")
    assert (len(message.headers), message.body) == (1000, b"body")
    assert parse_message(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200_000).body == b""


@pytest.mark.parametrize(
    ("message", "body"),
    [
        (encoded("", PAGE), PAGE),
        (encoded("gzip", gzip.compress(PAGE)), PAGE),
        (encoded("x-gzip", gzip.compress(PAGE)), PAGE),
        (encoded("deflate", zlib.compress(PAGE)), PAGE),
        (encoded("deflate", zlib.compress(PAGE)[2:-4]), PAGE),
        (encoded("br", brotli(PAGE)), PAGE),
        (encoded("gzip, br", brotli(gzip.compress(PAGE))), PAGE),
        (encoded("gzip", gzip.compress(gzip.compress(PAGE))), PAGE),
        (encoded("gzip", PAGE), PAGE),
        (encoded("deflate", PAGE), PAGE),
        (encoded("br", PAGE), PAGE),
        (encoded("zstd", PAGE), PAGE),
        (encoded("gzip", gzip.compress(PAGE)[:-12]), PAGE[:30]),
        (encoded("identity", PAGE), PAGE),
        (encoded("", b"5\r\n<html\r\n2;x=y\r\n> \r\n0\r\n\r\n", transfer="chunked"), b"<html> "),
        (encoded("", PAGE, transfer="chunked"), PAGE),
        (encoded("", b"ff\r\n<html>cut", transfer="Chunked"), b"<html>cut"),
    ],
)
def test_a_body_is_decoded_as_it_says_if_it_says_the_truth(message: HttpMessage, body: bytes) -> None:
    decoded = decode_body(message, max_bytes=10_000)
    assert decoded.startswith(body)
    assert PAGE.startswith(decoded) or decoded == body


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_decompression_bomb_is_too_large(encoding: str) -> None:
    compress: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli}
    body = bytes(20_000_000)
    for name in encoding.split(", "):
        body = compress[name](body)
    with pytest.raises(TooLarge, match="more than 1000000"):
        decode_body(encoded(encoding, body), max_bytes=1_000_000)


def test_a_plain_body_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        decode_body(encoded("", b"x" * 11), max_bytes=10)


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate"])
def test_bytes_that_are_neither_compressed_nor_text_are_undecodable(encoding: str) -> None:
    with pytest.raises(Undecodable):
        decode_body(encoded(encoding, b"\xff\x00\x01\xfe" * 50), max_bytes=10_000)


@pytest.mark.parametrize(
    ("identified", "declared", "body", "mime"),
    [
        ("application/xhtml+xml", "text/html", PAGE, "application/xhtml+xml"),
        (None, "Text/HTML; charset=utf-8", PAGE, "text/html"),
        (None, "text/html, text/html", PAGE, "text/html"),
        (None, None, PAGE, "text/html"),
        (None, "nonsense", b"  <!-- x -->\n<!DOCTYPE html>", "text/html"),
        (None, "application/octet-stream", b"plain words", "text/plain"),
        (None, None, b"\x00\x01", "application/octet-stream"),
        ("text/html", "text/html", b"%PDF-1.4", "application/octet-stream"),
        (None, None, b"", "application/octet-stream"),
    ],
)
def test_the_media_type_is_the_crawlers_the_servers_or_the_bodys(
    identified: str | None, declared: str | None, body: bytes, mime: str
) -> None:
    assert mime_of(identified=identified, declared=declared, body=body) == mime


def test_a_charset_is_read_off_a_content_type() -> None:
    assert [charset_of(text) for text in ("text/html; Charset='koi8-r'", "text/html;charset=utf-8;x=y", "text/html", None)] == [
        "koi8-r",
        "utf-8",
        None,
        None,
    ]
