import gzip
import json
from functools import partial
from pathlib import Path

import pytest

from udfs.page.charset import Decoded, decode_page, meta_charset
from udfs.page.http_message import charset_of, parse_message
from udfs.reading.location import open_location, size
from udfs.warc.records import Record, read_records

RUSSIAN = "Городской совет собрался во вторник вечером, чтобы обсудить будущее старого вокзала. " * 4
HTML = "<p>" + RUSSIAN


def test_the_first_rung_that_the_bytes_bear_out_decides() -> None:
    meta = '<meta charset="windows-1251">'
    cases = [
        (b"\xef\xbb\xbf" + HTML.encode(), "windows-1251", "utf-8", "bom"),
        (b"\xff\xfe" + HTML.encode("utf-16-le"), None, "utf-16le", "bom"),
        (HTML.encode("koi8-r"), "KOI8-R", "koi8-r", "header"),
        ((meta + HTML).encode("cp1251"), None, "windows-1251", "meta"),
        ((meta + HTML).encode("cp1251"), "x-none", "windows-1251", "meta"),
        (HTML.encode("cp1251"), None, "windows-1251", "detector"),
        (HTML.encode("cp1251"), "utf-8", "windows-1251", "detector"),
        (('<meta charset="utf-8">' + HTML).encode("cp1251"), None, "windows-1251", "detector"),
        (HTML.encode("utf-16-le"), "utf-16le", "utf-16le", "header"),
        (HTML.encode("utf-16-be"), None, "utf-16be", "detector"),
        (HTML.encode(), "utf-8", "utf-8", "header"),
        (HTML.encode(), "iso-8859-1", "utf-8", "utf-8"),
        (HTML.encode(), None, "utf-8", "utf-8"),
    ]
    for body, header, charset, source in cases:
        decoded = decode_page(body, header=header)
        assert (decoded.charset, decoded.source) == (charset, source)
        assert decoded.text.removeprefix(meta).removeprefix('<meta charset="utf-8">') == HTML


def test_a_label_covers_its_superset_as_browsers_have_it() -> None:
    text = "市议会讨论旧火车站的未来，𠮷野家。"
    assert decode_page(text.encode("gb18030"), header="gb2312") == Decoded(text, "gbk", "header")
    assert decode_page(b"\x93quoted\x94", header="iso-8859-1") == Decoded("“quoted”", "windows-1252", "header")


def test_a_page_cut_in_half_a_character_keeps_its_charset() -> None:
    body = HTML.encode()[:-2]
    assert decode_page(body, header="utf-8") == Decoded(body.decode("utf-8", "replace"), "utf-8", "header")


def test_bytes_of_no_charset_are_replaced_and_nothing_raises() -> None:
    for body in (b"", b"\xff", b"\x80" * 50, bytes(range(256)), b"\xed\xa0\x80 lone surrogate", b"\x1b$B"):
        decoded = decode_page(body, header="\x00nonsense" * 20)
        decoded.text.encode("utf-8")


@pytest.mark.parametrize(
    ("html", "label"),
    [
        (b'<META http-equiv=Content-Type content="text/html; charset=Shift_JIS">', "shift_jis"),
        (b"<?xml version='1.0' encoding='ISO-8859-2'?><html>", "iso-8859-2"),
        (b"<meta charset=bogus><meta charset=iso-8859-2>", "iso-8859-2"),
        (b"<meta charset=x-mac-ukrainian>", "x-mac-cyrillic"),
        (b"<!-- <meta charset=koi8-r> --><meta charset = 'utf-8'>", "utf-8"),
        (b" " * 5000 + b"<meta charset=utf-8>", None),
        (b"<p>charset=utf-8", None),
    ],
)
def test_a_meta_is_read_in_the_first_four_kilobytes_outside_comments(html: bytes, label: str | None) -> None:
    assert meta_charset(html) == label


def test_a_zero_byte_does_not_make_a_short_page_utf16() -> None:
    assert decode_page(b"<p>Words\0</p>", header=None) == Decoded("<p>Words\0</p>", "utf-8", "utf-8")


def test_a_byte_of_another_charset_does_not_make_a_utf8_page_that_one() -> None:
    body = "<p>naïve café déjà vu ".encode() + b"caf\xe9</p>"
    expected = "<p>naïve café déjà vu caf\N{REPLACEMENT CHARACTER}</p>"
    assert decode_page(body, header="utf-8") == Decoded(expected, "utf-8", "header")
    assert decode_page(b"<p>caf\xe9, na\xefve, d\xe9j\xe0</p>", header="utf-8").text == "<p>café, naïve, déjà</p>"


@pytest.mark.real
def test_real_pages_in_legacy_charsets_are_read_right(shared_data: Path) -> None:
    folder = shared_data / "real/cc-sample"
    codecs = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "iso-8859-1": "cp1252"}
    with gzip.open(folder / "cc-legacy-charsets-truth.jsonl.gz", "rt") as lines:
        truth = {row["record_id"]: codecs.get(row["charset"], row["charset"]) for row in map(json.loads, lines)}
    path = str(folder / "cc-legacy-charsets-00001.warc.gz")
    right = 0
    for span in read_records(partial(open_location, path), size=size(path)):
        if isinstance(span, Record) and span.type == "response" and span.body is not None:
            message = parse_message(span.body)
            text = decode_page(message.body, header=charset_of(message.header("content-type"))).text
            right += text == message.body.decode(truth[span.id or ""], "replace").removeprefix("\ufeff")
    assert right >= 0.99 * len(truth), f"{right} of {len(truth)}"
