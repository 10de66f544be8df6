import pytest

from udfs.documents.not_page import is_crawlers_own, is_for_programs


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("metadata://gnu.org/software/wget/warc/MANIFEST.txt", True),
        ("metadata://netarkivet.dk/crawl/setup", True),
        ("urn:pageinfo:https://a.example/", True),
        ("urn:X-wpull:log", True),
        ("screenshot:https://a.example/", True),
        ("text:https://a.example/", True),
        ("dns:a.example", True),
        ("whois://whois.iana.org/a.example", True),
        ("warcinfo:/a.warc.gz/x", True),
        ("http://a.example/urn:text:x", False),
        ("HTTPS://a.example/", False),
        ("ftp://a.example/readme.txt", False),
        ("a.example/page", False),
        ("a.example:8080/page", False),
        ("localhost:8080", False),
        ("", False),
        (None, False),
    ],
)
def test_an_address_that_is_none_of_the_web_is_a_crawlers_own(url: str | None, own: bool) -> None:
    assert is_crawlers_own(url) == own


@pytest.mark.parametrize(
    ("url", "body", "answer"),
    [
        ("https://a.example/robots.txt", b"User-agent: *\nDisallow: /x", True),
        ("https://a.example/robots.txt?x=1", b"# nothing", True),
        ("https://a.example/.well-known/security.txt", b"Contact: mailto:a@a.example", True),
        ("https://a.example/ads.txt", b"b.example, 1, DIRECT", True),
        ("https://a.example/robots.txt", b"\xef\xbb\xbf\n<html>Not found", False),
        ("https://a.example/about-robots.txt", b"Robots are machines.", False),
        ("https://a.example/?q=/robots.txt", b"Words", False),
        ("https://a.example/sitemap.txt", b"https://a.example/1\r\nhttps://a.example/2\r\n", True),
        ("https://a.example/list", b"http://a.example/1\n" * 9000, True),
        ("https://a.example/list", b"http://a.example/1 a page\nhttp://a.example/2\n", False),
        (None, b"Words", False),
        (None, b"", False),
    ],
)
def test_files_for_programs_are_told_by_their_names_or_by_holding_addresses_alone(
    url: str | None, body: bytes, answer: bool
) -> None:
    assert is_for_programs(url, body) == answer
