import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.page.urls import domain, host, url_key


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://Example.com", "example.com"),
        ("HTTPS://example.com:443/", "example.com"),
        ("http://example.com:8080/a", "example.com:8080/a"),
        ("http://user:pw@example.com/a#part", "example.com/a"),
        ("http://example.com/a/", "example.com/a"),
        ("http://example.com/%7euser/%2f", "example.com/~user/%2F"),
        ("http://example.com/a?b=2&a=1&utm_source=x&fbclid=y&GCLID=z", "example.com/a?a=1&b=2"),
        ("http://example.com/a;jsessionid=1F/b?PHPSESSID=2", "example.com/a/b"),
        ("http://example.com/a?utm_source=x", "example.com/a"),
        ("https://exämple.test/ü", "xn--exmple-cua.test/%C3%BC"),
        ("https://[2001:DB8::1]:8080/x", "[2001:db8::1]:8080/x"),
        ("<https://example.com/x>", "example.com/x"),
        ("http://www.example.com/Index.html?A=B", "www.example.com/Index.html?A=B"),
        ("http://example.com./a", "example.com/a"),
        ("javascript:alert(1)", None),
        ("http://", None),
        ("https://example..test/", None),
        ("http://example.com:99999/", None),
        ("http://[::1/", None),
        ("not a url", None),
        ("", None),
        (None, None),
    ],
)
def test_a_url_has_one_key_however_it_is_written(url: str | None, key: str | None) -> None:
    assert url_key(url) == key


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("a.b.example.co.uk", "example.co.uk"),
        ("example.com", "example.com"),
        ("co.uk", "co.uk"),
        ("me.github.io", "me.github.io"),
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
