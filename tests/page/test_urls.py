import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.page.urls import domain, host, url_key

MD5, JAVA = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "0F1E2D3C4B5A69788796A5B4C3D2E1F0.node2"

# written by hand after the WHATWG URL standard, RFC 3986 6.2.2 and UTS 46
SPELLINGS: dict[str, list[tuple[str | None, str | None]]] = {
    "a site": [("http://Example.com", "example.com"), ("HTTPS://example.com:443/", "example.com")],
    "a port": [
        ("http://example.com:8080/a", "example.com:8080/a"),
        ("http://example.com:0080/a", "example.com/a"),
        ("https://example.com:80/a", "example.com/a"),
        ("http://example.com:/a", "example.com/a"),
        ("http://example.com:99999/", None),
        ("http://example.com:x/", None),
    ],
    "a user": [
        ("http://user:pw@example.com/a#part", "example.com/a"),
        ("http://other.test@example.com/", "example.com"),
        ("http://a@b@example.com/", "example.com"),
    ],
    "dot segments": [
        ("http://example.com/a/./b/../c", "example.com/a/c"),
        ("http://example.com/../../a", "example.com/a"),
        ("http://example.com/a/%2e/b/%2E%2e/.%2e/c", "example.com/c"),
        ("http://example.com/a/b/..", "example.com/a"),
        ("http://example.com/a/.../b", "example.com/a/.../b"),
        ("http://example.com/a?b=/../c", "example.com/a?b=/../c"),
        ("http://example.com/a/%252e%252e/b", "example.com/a/%252e%252e/b"),
    ],
    "backslashes": [
        ("http:\\\\example.com\\a\\..\\b", "example.com/b"),
        ("http://example.com\\@other.test/", "example.com/@other.test"),
        ("http://example.com/a?b\\c", "example.com/a?b%5Cc"),
        ("http:/example.com/a", "example.com/a"),
    ],
    "white space": [
        (" \x00http://example.com/a\x1f ", "example.com/a"),
        ("ht\ntp://exam\tple.com/a\r\nb?c\td", "example.com/ab?cd"),
        ("http://example.com/a b?c d", "example.com/a%20b?c%20d"),
        ("http://example.com/a\u00a0", "example.com/a%C2%A0"),
        ("http://exam ple.com/", None),
    ],
    "escapes": [
        ("http://example.com/%7euser/%2f", "example.com/~user/%2F"),
        ("http://example.com/%e2%82%ac?%41=%c3%bc", "example.com/%E2%82%AC?A=%C3%BC"),
        ("http://example.com/a|b?c[]=1", "example.com/a%7Cb?c%5B%5D=1"),
        ("http://example.com/100%?b=%zz", "example.com/100%25?b=%25zz"),
        ("http://example.com/\ud800", "example.com/%EF%BF%BD"),
    ],
    "a query": [
        ("http://example.com/a?b=2&a=1", "example.com/a?a=1&b=2"),
        ("http://example.com/a?b=2&b=1&a", "example.com/a?a&b=2&b=1"),
        ("http://example.com/a?&&", "example.com/a"),
        ("http://example.com/a?x=1&amp;b=2&amp;amp;a=3", "example.com/a?a=3&b=2&x=1"),
        ("http://example.com/a?b=x%26amp;y", "example.com/a?b=x%26amp;y"),
        ("http://example.com/a?utm_source=x&fbclid=y&GCLID=z", "example.com/a"),
        ("http://example.com/a?my_utm_source=x", "example.com/a?my_utm_source=x"),
    ],
    "a session": [
        (f"http://example.com/a;jsessionid={JAVA}/b?PHPSESSID={MD5}", "example.com/a/b"),
        (f"http://example.com/a?sid={MD5}&t=1", "example.com/a?t=1"),
        ("http://example.com/a?PHPSESSID=b1kq9v0g7c2p4h8d6s3t5u0m1n", "example.com/a"),
        ("http://example.com/a?ASPSESSIONIDQQABCDEF=ABCDEFGHIJKLMNOPABCDEFGH", "example.com/a"),
        ("http://example.com/(S(ab0cd1ef2gh3ij4kl5mn0op1))/a.aspx", "example.com/a.aspx"),
        ("http://example.com/(X(1)S(ab0cd1ef2gh3ij4kl5mn0op1))/a.aspx", "example.com/a.aspx"),
        (f"http://example.com/a/b/..;jsessionid={JAVA}/c", "example.com/a/c"),
    ],
    "what is no session": [
        ("http://example.com/a?sid=2024-01", "example.com/a?sid=2024-01"),
        ("http://example.com/a?SESSION_ID=7&sessionid=talk", "example.com/a?SESSION_ID=7&sessionid=talk"),
        ("http://example.com/a?sid=12345678901234567890123456789012", "example.com/a?sid=12345678901234567890123456789012"),
        ("http://example.com/a?sid=internationalisierungsplan", "example.com/a?sid=internationalisierungsplan"),
        ("http://example.com/a;jsessionid=1F/b?PHPSESSID=2", "example.com/a;jsessionid=1F/b?PHPSESSID=2"),
        (f"http://example.com/a?song={MD5}", f"example.com/a?song={MD5}"),
        ("http://example.com/f(S(x))/(S(y))/a", "example.com/f(S(x))/(S(y))/a"),
    ],
    "what stays": [
        ("http://www.example.com/Index.html?A=B", "www.example.com/Index.html?A=B"),
        ("http://example.com/a/", "example.com/a"),
        ("http://example.com//a//b", "example.com//a//b"),
    ],
    "what a record may have around it": [("<https://example.com/x>", "example.com/x")],
    "what is no page of the web": [
        ("javascript:alert(1)", None),
        ("ftp://example.com/a", None),
        ("http://", None),
        ("http://%/", None),
        ("not a url", None),
        ("", None),
        (None, None),
    ],
}


@pytest.mark.parametrize(("url", "key"), [pair for pairs in SPELLINGS.values() for pair in pairs])
def test_a_url_has_one_key_however_it_is_written(url: str | None, key: str | None) -> None:
    assert url_key(url) == key


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://EXAMPLE.com./a", "example.com"),
        ("http://example.com../a", "example.com"),
        ("http://./", None),
        ("http://ex%41mple.com/", "example.com"),
        ("http://ex%2Fample.com/", None),
        ("http://exämple.test/", "xn--exmple-cua.test"),
        ("http://ex%C3%A4mple.test/", "xn--exmple-cua.test"),
        ("http://straße.test/", "xn--strae-oqa.test"),
        ("http://ＥＸＡＭＰＬＥ。test/", "example.test"),
        ("http://ex\u00adample.test/", "example.test"),
        ("http://🍕.test/", "xn--vi8h.test"),
        ("http://☃.test/", "xn--n3h.test"),
        ("http://a_b.test/", "a_b.test"),
        ("http://127.1/", "127.0.0.1"),
        ("http://0x7f.0.0.1/", "127.0.0.1"),
        ("http://0177.0.0.01/", "127.0.0.1"),
        ("http://2130706433/", "127.0.0.1"),
        ("http://127.0.0.1./", "127.0.0.1"),
        ("http://0x7f.1../", "127.0.0.1"),
        ("http://256.1.1.1/", None),
        ("http://1.2.3.09/", None),
        ("https://[2001:DB8:0::1]:8080/x", "2001:db8::1"),
        ("http://[::1/", None),
        ("http://[fe80::1%25eth0]/", None),
    ],
)
def test_a_host_is_what_a_browser_would_ask(url: str, name: str | None) -> None:
    assert host(url) == name
    assert (url_key(url) is None) == (name is None)


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("a.b.example.co.uk", "example.co.uk"),
        ("example.com", "example.com"),
        ("co.uk", "co.uk"),
        ("me.github.io", "me.github.io"),
        ("www.xn--n3h.net", "xn--n3h.net"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("localhost", "localhost"),
        (None, None),
    ],
)
def test_a_host_belongs_to_a_registered_domain(name: str | None, registered: str | None) -> None:
    assert domain(name) == registered


@given(st.text(max_size=60).map("http://{}".format) | st.text(max_size=60))
def test_no_text_raises_and_a_key_is_plain_ascii(url: str) -> None:
    key = url_key(url)
    assert (key is None) or key.isascii()
    assert key is None or domain(host(url)) is not None
