"""What holds for any string that a record or a link may have as its URL: a key is plain, its own key, and one for all spellings."""

import ada_url
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.profiles import fuzzed
from udfs.page import urls

URL_PARTS: tuple[str, ...] = (
    "http://",
    "HTTPS://",
    "a.example",
    "%",
    "%61",
    "%2f",
    "%u",
    "?",
    "&",
    "=",
    "#",
    "/",
    "//",
    ";sid=",
    "utm_source",
    "utm%5Fx",
    "\\",
    "\t",
    "..",
    "%2E",
    "amp;",
    "&amp;",
)
URL_PARTS += (
    "0x7f",
    "☃",
    "=0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "(S(ab0cd1ef2gh3ij4kl5mn0op1))",
    ":80",
    ":",
    "@",
    "[::1]",
    "[",
    "]",
    "<",
    ">",
    " ",
    ".",
    "ü",
    "。",
    "\u00ad",
    "xn--",
    "1.2.3.4",
    "\ud800",
    "\0",
    "jsessionid",
)
URLS = st.text(max_size=60) | st.lists(st.sampled_from(URL_PARTS), max_size=14).map(
    lambda parts: "http://a.example/" + "".join(parts)
)
URLS |= st.lists(st.sampled_from(URL_PARTS), max_size=14).map(lambda parts: "http://" + "".join(parts))


@given(URLS)
@fuzzed(300)
def test_a_url_key_is_plain_and_its_own_key(url: str) -> None:
    key, host = urls.url_key(url), urls.host(url)
    for text in (key, host, urls.domain(host)):
        assert text is None or (text.isascii() and text.isprintable() and " " not in text)
    if key is not None:
        assert urls.url_key("http://" + key) == key
        assert urls.host("http://" + key) == host


@given(URLS.map(lambda url: url.strip("<>").replace("\ud800", "?")), st.integers(0, 200))
@fuzzed(300)
def test_a_url_key_is_that_of_the_url_as_a_browser_writes_it(url: str, at: int) -> None:
    key = urls.url_key(url)
    for space in ("\t", "\r\n"):  # browsers join what is broken over lines
        assert urls.url_key(url[:at] + space + url[at:]) == key
    if key is not None:
        written = ada_url.normalize_url(url)
        assert urls.url_key(written) == key
        assert urls.url_key(written.partition("#")[0] + "#part") == key
