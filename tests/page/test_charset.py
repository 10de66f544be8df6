import gzip
import json
from functools import partial
from pathlib import Path

import pytest

from udfs.page.charset import Decoded, decode_page, whatwg_name
from udfs.page.http_message import parse_message
from udfs.page.media_type import charset_of
from udfs.page.meta_charset import named_charset
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
        (b"<?xml version='1.0' encoding='ISO-8859-2'?><meta charset=koi8-r>", "koi8-r"),
        (b"<meta charset=bogus><meta charset=iso-8859-2>", "iso-8859-2"),
        (b"<meta charset=x-mac-ukrainian>", "x-mac-cyrillic"),
        (b"<!-- <meta charset=koi8-r> --><meta charset = 'utf-8'>", "utf-8"),
        (b"<!--><meta charset=koi8-r> -->", "koi8-r"),
        (b"<script>var h = '<meta charset=koi8-r>'</script><meta charset=iso-8859-2>", "iso-8859-2"),
        (b"<style>/*<meta charset=koi8-r>*/</style ><meta charset=iso-8859-2>", "iso-8859-2"),
        (b"<title><meta charset=koi8-r></title><meta charset=iso-8859-2>", "iso-8859-2"),
        (b"<textarea><meta charset=koi8-r></textarea><meta charset=iso-8859-2>", "iso-8859-2"),
        (b"<noscript><meta charset=koi8-r></noscript><meta charset=iso-8859-2>", "iso-8859-2"),
        (b"<div title='<meta charset=koi8-r>'><meta charset=iso-8859-2>", "iso-8859-2"),
        (b'<meta name=x content="a > b" charset=iso-8859-2>', "iso-8859-2"),
        (b'<meta name=description content="text; charset=koi8-r"><meta charset=iso-8859-2>', "iso-8859-2"),
        (b'<meta content="text/html; charset=&quot;koi8-r" http-equiv=content-type>', None),
        (b'<meta content="charset; charset=koi8-r" http-equiv=content-type>', "koi8-r"),
        (b'<meta http-equiv="Content-Type " content="text/html; charset=koi8-r">', None),
        (b'<meta content="text/html; charset=koi8-r">', None),
        (b"<meta charset=koi8-r charset=iso-8859-2>", "koi8-r"),
        (b"<meta charset=utf-16le>", "utf-8"),
        (b"<meta charset=X-User-Defined>", "windows-1252"),
        (b" " * 5000 + b"<meta charset=koi8-r>", "koi8-r"),
        (b" " * 5000 + b"<body><meta charset=koi8-r>", None),
        (b" " * 70000 + b"<meta charset=koi8-r>", None),
        (b"<p>charset=utf-8", None),
    ],
)
def test_a_meta_is_read_where_a_browser_makes_an_element_of_it(html: bytes, label: str | None) -> None:
    assert named_charset(html, mime="text/html", known=whatwg_name) == label


def test_xml_asks_its_declaration_before_a_meta() -> None:
    page = b"<?xml version='1.0' encoding='ISO-8859-2'?><meta charset='koi8-r'/>"
    assert named_charset(page, mime="application/xhtml+xml", known=whatwg_name) == "iso-8859-2"


@pytest.mark.parametrize(
    ("word", "codec", "charset"),
    [
        ("校园影院", "gb18030", "gbk"),
        ("学校 小学", "gb18030", "gbk"),
        ("\uc9d5\uc9d6\uc9d9\uc9da", "cp949", "euc-kr"),
        ("ﾂｱﾂｲﾂｳﾃｱ", "cp932", "shift_jis"),
        ("Ні, Хі, Ті", "cp1251", "windows-1251"),
    ],
)
def test_text_of_the_charset_that_a_page_declares_is_no_utf8_because_its_bytes_could_be(
    word: str, codec: str, charset: str
) -> None:
    body = f'<meta charset="{charset}"><p>Films at the {word} tonight</p>'.encode(codec)
    body.decode("utf-8")
    assert decode_page(body, header=None) == Decoded(body.decode(codec), charset, "meta")
    assert decode_page(body, header=charset) == Decoded(body.decode(codec), charset, "header")


@pytest.mark.parametrize("label", ["gbk", "euc-kr", "big5", "shift_jis", "euc-jp", "windows-1251", "iso-8859-1", "koi8-r"])
@pytest.mark.parametrize(
    "words",
    [
        "naïve café déjà vu",
        "© 2024 · «Zürich» – 5 °C",
        "нет и да",
        "中文版",
        "ελληνικά και",
        "\xa0\xa0\xa0\xa0\xa0",
        "ÄÖ äöü ß é",
        "日本" * 40,
    ],
)
def test_utf8_under_another_name_is_read_as_utf8(words: str, label: str) -> None:
    assert decode_page(f"<p>{words}</p>".encode(), header=label) == Decoded(f"<p>{words}</p>", "utf-8", "utf-8")


def test_a_header_that_says_utf16_of_markup_without_zeros_is_not_believed() -> None:
    assert decode_page(b"<p>Plain words.</p>", header="utf-16").text == "<p>Plain words.</p>"


def test_euc_jp_is_read_as_windows_and_browsers_have_it() -> None:
    body = b"\xad\xa1\xa4\xb3\xa4\xec\xa1\xc1\xfc\xe2"
    assert decode_page(body * 9 + b"\xff", header="euc-jp").text == "①これ～髙" * 9 + "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("label", "body", "text"),
    [
        ("gb2312", "价格".encode("gbk") + b" \x80 12, \x80<b>", "价格 € 12, €<b>"),
        ("gbk", b"\xa3\xa0" + "价格".encode("gbk"), "\u3000价格"),
        ("big5", "價格".encode("big5") + b" \xa3\xe1 12\xa1\xe3\xa2\x44 9 \xc6\xde", "價格 € 12～￥ 9 〃"),
        ("koi8-u", "Сло".encode("koi8_u") + b"\xae \xbe", "Слоў Ў"),
    ],
)
def test_signs_are_read_that_browsers_read_and_pythons_codecs_do_not(label: str, body: bytes, text: str) -> None:
    assert decode_page(body, header=label) == Decoded(text, whatwg_name(label) or "", "header")


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


def test_the_zeros_of_utf16_say_its_order_where_the_header_does_not() -> None:
    page = "<html><p>A page of some words.</p></html>"
    assert decode_page(page.encode("utf-16-be"), header="utf-16").text == page
    assert decode_page(page.encode("utf-16-le"), header="utf-16").text == page
