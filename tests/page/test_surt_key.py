"""SURT keys, by what the package `surt` makes of the same addresses (bench/read/surt_key.py compares both over real ones)."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.page.surt_key import surt_key, with_keys

SESSION = "0123456789abcdef0123456789ABCDEF"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.com/", "com)/"),
        ("http://www12.Example.com./", "com,example)/"),
        ("http://awww.example.com/", "com,example,awww)/"),
        ("HTTPS://user:pw@x.org:443/A/", "org,x)/a"),
        ("http://x.org:443", "org,x:443)/"),
        ("http://x.org:/?", "org,x)/"),
        ("http://bücher.example/é", "example,xn--bcher-kva)/%c3%a9"),
        ("http://müller..de/", "de,m%c3%bcller)/"),
        ("http://016.1.2.3/", "3,2,1,14)/"),
        ("http://3232235777/", "1,1,168,192)/"),
        ("http://x.org/a//b/./c/../d%2541", "org,x)/a/b/da"),
        ("http://x.org/../a?b=2&a&B=1", "org,x)/../a?a&b=1&b=2"),
        ("http://x.org/?q=%E3%81%82 +%26#f", "org,x)/?&q=%e3%81%82%20+"),
        (f"http://x.org/p?a=1&PHPSESSID={SESSION}&b=2", "org,x)/p?a=1&b=2"),
        (f"http://x.org/p?sid={SESSION}", "org,x)/p"),
        ("http://x.org/(S(4hqa0555fwsecu455xqckv45))/p.aspx", "org,x)/p.aspx"),
        ("ftp://x.org/", None),
        ("http:///a", None),
        ("x.org", None),
        (None, None),
    ],
)
def test_the_key_is_that_of_the_index(url: str | None, key: str | None) -> None:
    assert surt_key(url) == key


@given(st.text() | st.text("%25abc/.?&=:@[]()1").map("http://".__add__))
def test_no_address_raises(url: str) -> None:
    key = surt_key(url)
    assert key is None or key.isascii()


def test_escapes_of_escapes_do_not_take_longer_than_they_are_long() -> None:
    assert surt_key("http://x.org/%" + "25" * 30_000 + "41") == "org,x)/a"
    assert surt_key("http://x.org/" + "a" * 70_000) is None  # as other keys of an address of that length


def test_a_batch_gets_its_keys_in_the_place_of_its_addresses() -> None:
    batch = pa.RecordBatch.from_pydict({"id": ["1", "2"], "url": ["http://a.example/", None], "n": [1, None]})
    (got,) = with_keys([batch])
    assert got.to_pydict() == {"id": ["1", "2"], "url_surtkey": ["example,a)/", None], "n": [1, None]}
