import gzip
import zlib
from collections.abc import Callable

import pytest

from tests.fuzz.http_of import brotli
from udfs.page.http_body import TooLarge, Undecodable, decode_body
from udfs.page.http_message import HttpMessage, parse_message

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
        (encoded("gzip", gzip.compress(PAGE, mtime=0)), PAGE),
        (encoded("x-gzip", gzip.compress(PAGE, mtime=0)), PAGE),
        (encoded("deflate", zlib.compress(PAGE)), PAGE),
        (encoded("deflate", zlib.compress(PAGE)[2:-4]), PAGE),
        (encoded("br", brotli(PAGE)), PAGE),
        (encoded("gzip, br", brotli(gzip.compress(PAGE, mtime=0))), PAGE),
        (encoded("gzip", gzip.compress(gzip.compress(PAGE, mtime=0), mtime=0)), PAGE),
        (encoded("gzip", PAGE), PAGE),
        (encoded("deflate", PAGE), PAGE),
        (encoded("br", PAGE), PAGE),
        (encoded("zstd", PAGE), PAGE),
        (encoded("gzip", gzip.compress(PAGE, mtime=0)[:-12]), PAGE[:30]),
        (encoded("gzip", gzip.compress(PAGE, mtime=0)[:-8] + b"checksum"), PAGE),
        (encoded("br", gzip.compress(PAGE, mtime=0)), PAGE),
        (encoded("gzip, br", gzip.compress(PAGE, mtime=0)), PAGE),
        (encoded("zstd", gzip.compress(PAGE, mtime=0)), PAGE),
        (encoded("deflate;", zlib.compress(PAGE)), PAGE),
        (encoded('"gzip";q=1.0', gzip.compress(PAGE, mtime=0)), PAGE),
        (encoded("x-deflate", zlib.compress(PAGE)), PAGE),
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


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_of_a_body_that_breaks_off_or_is_broken_all_that_comes_before_stays(encoding: str) -> None:
    compress: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli}
    words = b" ".join(b"%d" % (number * number) for number in range(30_000))
    body = compress[encoding](words)
    cut = decode_body(encoded(encoding, body[: len(body) // 2]), max_bytes=1_000_000)
    assert words.startswith(cut)
    assert len(cut) > len(words) // 3
    if encoding != "br":
        broken = decode_body(encoded(encoding, body[: len(body) // 2] + b"\xff" * 5000), max_bytes=1_000_000)
        assert broken.startswith(cut[: len(cut) // 2])


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


FINAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>words"


@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 100\n\n",
        b"HTTP/1.1 102 Processing\r\nX-Y: z\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n\r\n",
        b"HTTP/1.1 200 Connection established\r\n\r\n",
        b"HTTP/1.0 200 Connection Established\r\nProxy-agent: Cache\r\nContent-Type: text/plain\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nVia: 1.1 a\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nnone"
        b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
        b"\r\n",
    ],
)
def test_the_answer_is_the_servers_last(before: bytes) -> None:
    assert parse_message(before + FINAL) == HttpMessage(200, (("content-type", "text/html"),), b"<p>words")


def test_an_answer_that_is_the_last_stays_whatever_its_body_begins_with() -> None:
    about = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    assert parse_message(about + FINAL).body == FINAL
    assert parse_message(b"HTTP/1.1 100 Continue\r\n\r\n<p>").status == 100
    assert parse_message(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x05").status == 101
    assert parse_message(b"HTTP/1.1 407 x\r\nContent-Length: 9999\r\n\r\n" + FINAL).status == 407
    assert parse_message(b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + FINAL).status == 100


def test_headers_that_a_program_wrote_again_behind_the_blank_line_are_no_text() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    for again in (b"Content-type: text/html\n\n", b"Status: 200\r\nContent-Type:text/html\r\n\r\n\r\n", head):
        assert parse_message(head + again + b"<html>").body.lstrip() == b"<html>"
    for words in (b"Note: words\n\n<p>", b"Content-type: words go on\n\nwithout a tag"):
        assert parse_message(head + words).body == words


def test_a_transfer_coding_is_undone_like_a_content_encoding() -> None:
    body = zlib.compress(PAGE)
    stored = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert decode_body(encoded("", stored, transfer="deflate, chunked"), max_bytes=10_000) == PAGE


@pytest.mark.parametrize(
    "block",
    [
        b"HTTP/1.1 103 Early Hints\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE,
        b"HTTP/1.1 407 Proxy\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlog \r\n2\r\nin\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
        + PAGE,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nX-Powered-By: x\r\nSet-Cookie: a=b\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nStatus: 200 OK\r\n\r\n" + PAGE,
    ],
    ids=["no blank line", "chunks of a proxy", "headers of a program", "status of a program"],
)
def test_what_stands_before_a_page_is_no_part_of_it(block: bytes) -> None:
    message = parse_message(block)
    assert (message.status, message.body) == (200, PAGE)


@pytest.mark.parametrize(("label", "body"), [("gzip", zlib.compress(PAGE)), ("deflate", gzip.compress(PAGE, mtime=0))])
def test_gzip_and_deflate_are_told_by_their_bytes(label: str, body: bytes) -> None:
    assert decode_body(encoded(label, body), max_bytes=1000) == PAGE
