from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.least_time import least_seconds
from udfs.edits.edit import Edit
from udfs.signals.pii import EMAIL_PLACEHOLDERS, IP_PLACEHOLDERS, counts, spans


def found(text: str) -> list[tuple[str, str]]:
    return [(edit.kind, text[edit.start : edit.end]) for edit in spans(text)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Write to jane.doe+list@mail.example.org today", "jane.doe+list@mail.example.org"),
        ("(x@y.com)", "x@y.com"),
        ("mailto:x@y.com.", "x@y.com"),
        ("邮箱abc@beispiel.de请", "abc@beispiel.de"),
        ("o'neil@x-y.co.uk,", "o'neil@x-y.co.uk"),
        ("a..b@y.com", "b@y.com"),
        ("mailto://x@y.com", "x@y.com"),
        ("https://bugs.y.com/x@y.com", "bugs.y.com/x@y.com"),
        ("https://y.com x@y.com", "x@y.com"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("...b@y.com", "b@y.com"),
        ("x@y.com-", "x@y.com"),
        ("x@y.com..z", "x@y.com"),
        ("x@y.c0m.5", "x@y.c0m"),
        ("root@[8.8.8.8]", "root@[8.8.8.8]"),
        ("a@b@c.de", "b@c.de"),
        ("x@xn--mgbaam7a8h.xn--p1ai", "x@xn--mgbaam7a8h.xn--p1ai"),
        ("a" * 64 + "@y.com", "a" * 64 + "@y.com"),
        ("to ombud@müller-ämter.de or", "ombud@müller-ämter.de"),
        ("amt@gemüse.example.org", "amt@gemüse.example.org"),
        ("to informação.geral@correio.example.org for", "informação.geral@correio.example.org"),
        ("пишите на инфо@почта.рф.", "инфо@почта.рф"),
        ("at soudan＠yakuba.example.jp during", "soudan＠yakuba.example.jp"),
        ("連絡先：用户@例子.中国。", "用户@例子.中国"),
        ("用户@例子.测试", "用户@例子.测试"),
        ("mail ｉｎｆｏ＠ｅｘａｍｐｌｅ．ｊｐ です", "ｉｎｆｏ＠ｅｘａｍｐｌｅ．ｊｐ"),
        ("メールはａｂｃ＠ｅｘａｍｐｌｅ．ｊｐまで", "ａｂｃ＠ｅｘａｍｐｌｅ．ｊｐ"),
        ("संपर्क@डाटामेल.भारत", "संपर्क@डाटामेल.भारत"),
        ("메일은 abc@naver.com으로", "abc@naver.com"),
        ("x@y.com请写", "x@y.com"),
        ('"Jane Doe"@example.org', '"Jane Doe"@example.org'),
        ("root@[IPv6:2001:db8::1]", "root@[IPv6:2001:db8::1]"),
        ("git@github.com is its user", "git@github.com"),
    ],
)
def test_an_email_address_is_found_with_its_bounds(text: str, address: str) -> None:
    assert found(text) == [("email", address)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "name@",
        "@name",
        "meet @ noon",
        "user@localhost",
        "npm install lodash@4.17.21",
        "https://site.com/@some.name",
        "a@b.c",
        "images/logo@3x.jpg",
        "ssh://git@forge.example/u/r.git",
        "https://user:word@host.example/x",
        "ftp://anonymous@ftp.example.org/",
        "icon@2x.png and banner@2x.min.PNG",
        "chunk@main.js",
        "jquery@3.6.0.min.js",
        "git@github.com:u/r.git",
        "名前＠大阪",
        "a@-b.com",
        "a@.com",
        "a" * 65 + "@y.com",
        "a@" + "b" * 255 + ".com",
    ],
)
def test_what_only_looks_like_an_email_address_is_left(text: str) -> None:
    assert spans(text) == ()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ping 8.8.8.8.", "8.8.8.8"),
        ("http://8.8.4.4/x", "8.8.4.4"),
        ("地址1.1.1.1处", "1.1.1.1"),
        ("8.8.8.8:53", "8.8.8.8"),
        ("admin@9.9.9.9", "9.9.9.9"),
        ("Server 8.8.8.8 answers", "8.8.8.8"),
        ("the DNS 8.8.8.8", "8.8.8.8"),
        ("IPv4 8.8.8.8", "8.8.8.8"),
        ("Berlin 91.4.200.3", "91.4.200.3"),
        ("91.4.200.3 Anonymous wrote", "91.4.200.3"),
        ("1.1.1.1 is a resolver", "1.1.1.1"),
    ],
)
def test_a_public_ipv4_address_is_found(text: str, address: str) -> None:
    assert found(text) == [("ip", address)]


@pytest.mark.parametrize(
    "text",
    [
        "192.168.1.1 10.0.0.1 127.0.0.1 0.0.0.0 255.255.255.255 192.0.2.7 100.64.0.1",
        "to 224.0.0.251 and 239.255.255.250",
        "ip-93-184-216-34 1-8.8.8.8-9.9.9.9",
        "256.1.1.1",
        "8.8.8",
        "8.8.8.8.8",
        "section 5.2.1.4.1",
        "nginx 1.25.3.1",
        "DB2 9.7.0.11",
        "wxPython==4.1.1.2",
        "upgrade from 12.1.0.2 to 12.2.0.1",
        "Tel. 12.34.56.78",
        "v8.8.8.8",
        "8.8.8.8b",
        "08.8.8.8",
        "Chrome/120.0.0.0 Safari",
        "1-8.8.8.8",
        "8.8.8.8-1",
        "release 1.128.1.0 of the program",
        "Version: 91.4.200.3",
        "versions 91.4.200.3, 91.4.200.4 and 91.5.0.1",
        "with LibreOffice 26.8.0.3",
        "see section 5.2.1.4 of the manual",
        "§ 5.2.1.4",
        "below OID 1.3.6.1",
        "Kapitel 5.2.1.4",
        "バージョン1.128.1.2",
        "5.2.1.4 Scope of the rules",
        "• 5.2.1.4 — Scope",
        "Abs. 5.2.1.4",
        "Contents\n## 5.2.1.4. Scope",
    ],
)
def test_private_addresses_versions_and_longer_numbers_are_left(text: str) -> None:
    assert spans(text) == ()


def test_a_range_has_two_addresses() -> None:
    assert found("from 93.184.216.34-93.184.216.40") == [("ip", "93.184.216.34"), ("ip", "93.184.216.40")]


def test_an_address_gets_the_same_placeholder_wherever_it_stands() -> None:
    first, second, third = spans("a@b.com or A@b.com or a@b.com")
    assert (first.replacement, first.kind) == (third.replacement, "email")
    assert {first.replacement, second.replacement} <= set(EMAIL_PLACEHOLDERS)


def test_an_ip_inside_an_email_address_is_not_replaced_twice() -> None:
    assert found("1.2.3.4@b.com, root@[8.8.8.8], 8.8.8.8") == [
        ("email", "1.2.3.4@b.com"),
        ("email", "root@[8.8.8.8]"),
        ("ip", "8.8.8.8"),
    ]


def test_placeholders_are_left_alone() -> None:
    assert spans(" ".join(EMAIL_PLACEHOLDERS + IP_PLACEHOLDERS)) == ()


def test_addresses_are_counted_by_kind() -> None:
    assert counts(spans("a@b.com 8.8.8.8 c@d.com")) == {"email_count": 2, "public_ip_count": 1}
    assert counts(()) == {"email_count": 0, "public_ip_count": 0}


_PARTS = st.sampled_from(
    [
        "a",
        "@",
        ".",
        "..",
        "8.8.8.8",
        "b.com",
        "-",
        "é",
        "中",
        "＠",
        "рф",
        '"',
        "version ",
        " ",
        "[",
        "]",
        "1",
        "/",
        "email@example.com",
    ]
)


@given(st.lists(_PARTS, max_size=30).map("".join))
def test_edits_are_in_order_apart_and_a_second_pass_finds_nothing(text: str) -> None:
    edits = spans(text)
    assert all(isinstance(edit, Edit) and edit.start < edit.end for edit in edits)
    assert all(left.end <= right.start for left, right in pairwise(edits))
    applied, at = "", 0
    for edit in edits:
        applied += text[at : edit.start] + " " + edit.replacement + " "
        at = edit.end
    assert spans(applied + text[at:]) == ()


@pytest.mark.parametrize(
    "unit",
    [
        "a@",
        "a.a.",
        "1.",
        "a",
        "@",
        "a" * 254 + "@",
        "a@a.",
        "1.1.1.1 ",
        "a@b.co ",
        "-@",
        "@a-.",
        "é@é.",
        "中@",
        "＠中.",
        "version 8.8.8.8,",
        '"a',
    ],
)
def test_eight_times_the_hostile_text_takes_about_eight_times_as_long(unit: str) -> None:
    short, long = (least_seconds(spans, (unit * characters)[:characters] + "@b.co") for characters in (25_000, 200_000))
    assert long < 30 * short + 0.1
