import pytest

from udfs.page.media_type import charset_of, essence_of, mime_of

PAGE = b"<html><p>A page of some words.</p></html>"
BINARY, XHTML = "application/octet-stream", "application/xhtml+xml"
NAMESPACE = b'xmlns="http://www.w3.org/1999/xhtml"'


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
        (None, "application/pdf", b"%PDF-1.4", "application/pdf"),
        (None, "image/svg+xml", b"\x89PNG", "application/octet-stream"),
        (None, None, b"", "application/octet-stream"),
        (None, "text/html", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "application/octet-stream"),
        (None, "text/plain", b"\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:02.000\nWords", "application/octet-stream"),
        (None, "text/html", b"WEBVTT is a format of subtitles.", "text/html"),
    ],
)
def test_the_media_type_is_the_crawlers_the_servers_or_the_bodys(
    identified: str | None, declared: str | None, body: bytes, mime: str
) -> None:
    assert mime_of(identified=identified, declared=declared, body=body) == mime


@pytest.mark.parametrize(
    ("address", "mime"),
    [
        ("https://a.org/site.css", "text/css"),
        ("https://a.org/app.MJS?v=3", "text/javascript"),
        ("https://a.org/prices.csv#top", "text/csv"),
        ("https://a.org/settings.yml", "application/yaml"),
        ("https://a.org/read?file=site.css", "text/plain"),
        ("https://a.org/notes.txt", "text/plain"),
        ("https://site.js", "text/plain"),
        ("https://a.org/about.js/", "text/plain"),
    ],
)
def test_text_without_a_type_is_what_its_file_is_called(address: str, mime: str) -> None:
    words = b"name, price\nplain words, 3\n"
    assert mime_of(identified=None, declared="unknown/unknown", body=words, address=address) == mime
    assert mime_of(identified=None, declared="text/plain", body=words, address=address) == "text/plain"
    assert mime_of(identified=None, declared=None, body=PAGE, address=address) == "text/html"


def test_a_charset_is_read_off_a_content_type() -> None:
    assert [charset_of(text) for text in ("text/html; Charset='koi8-r'", "text/html;charset=utf-8;x=y", "text/html", None)] == [
        "koi8-r",
        "utf-8",
        None,
        None,
    ]


@pytest.mark.parametrize(
    "declared",
    [
        "unknown/unknown",
        "application/unknown",
        "*/*",
        "httpd/unix-directory",
        "application/x-unknown-content-type",
        "",
        " ",
        "html",
    ],
)
def test_a_type_that_says_nothing_is_found_out_from_the_body(declared: str) -> None:
    assert mime_of(identified=None, declared=declared, body=PAGE) == "text/html"
    assert mime_of(identified=None, declared=declared, body=b"\xef\xbb\xbf <H1>x") == "text/html"
    assert mime_of(identified=None, declared=declared, body="<p>x".encode("utf-16")) == "text/html"
    assert mime_of(identified=None, declared=declared, body=b"plain words") == "text/plain"
    assert mime_of(identified=None, declared=declared, body=b'{"a": 1}') == "application/json"
    assert mime_of(identified=None, declared=declared, body=b"<?xml version='1.0'?><rss/>") == "application/xml"
    assert mime_of(identified=None, declared=declared, body=b"<?xml version='1.0'?><html " + NAMESPACE + b">") == XHTML


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.4",
        b"\xef\xbb\xbf%PDF-1.4\n1 0 obj",
        b"\r\n\r\n%PDF-1.7",
        b"<br />\n<b>Warning</b>: words in a.php on line 1<br />\n%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj",
        b"junk %PDF-1.4\n1 0 obj\n<< >>",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\n\n\x89PNG\r\n\x1a\n",
        b"\xef\xbb\xbfGIF89a\1\0\1\0",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"RIFF\x24\0\0\0WEBPVP8 ",
        b"wOF2\0\1\0\0",
        b"wOFFOTTO",
        b"\0\1\0\0\0\x0f",
        b"PK\3\4\x14\0",
        b"\x1f\x8b\x08\0",
        b"\0\0\0\x18ftypmp42",
        b"ID3\3\0",
        b"OggS\0\2",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"{\\rtf1\\ansi words}",
        b"%!PS-Adobe-3.0",
        bytes(range(256)) * 4,
    ],
)
@pytest.mark.parametrize("declared", ["text/html; charset=utf-8", "text/plain", None])
def test_a_binary_file_is_no_page_whatever_it_is_called(body: bytes, declared: str | None) -> None:
    assert mime_of(identified=None, declared=declared, body=body) == BINARY


@pytest.mark.parametrize(
    "body",
    [
        b"<p>A file begins with %PDF-1.4 and goes on",
        b"BMW builds cars",
        b"ID3 tags are short",
        b"MZ is a mark",
        b"GIF and PNG",
        b"PK is a name",
        b"<p>nul\0 bytes\0 here\0 and there \1</p> words",
        "\ufeff<p>words".encode("utf-16-le"),
        "<p>Слова".encode("utf-16-be"),
        b"\x1b$B%F%9%H\x1b(B",
    ],
)
def test_text_is_not_taken_for_a_binary_file(body: bytes) -> None:
    assert mime_of(identified=None, declared="text/html", body=body) == "text/html"


@pytest.mark.parametrize(
    ("body", "mime"),
    [
        (b'{"name": "Dune", "films": ["a", 1, null]}', "application/json"),
        (b'\xef\xbb\xbf [{"a": {}}]', "application/json"),
        (b"{}", "application/json"),
        (b'{"a":1}\n<!-- made in 0.1 s -->', "application/json"),
        (b"[]\n", "application/json"),
        (b')]}\',\n{"a":1}', "application/json"),
        (b'back({"a": 1});', "application/json"),
        (b'{"a": "' + b"words " * 5000 + b'"}', "application/json"),
        (b'{"a":1}\n{"a":2}\n', "application/json"),
        (b"[1] See the note. [2]", None),
        (b"[edit] Words", None),
        (b"{a template} of words", None),
        (b'{"a quotation" in brackets}', None),
        (b'<?xml version="1.0"?>\n<!-- x --><rss version="2.0">', "application/xml"),
        (b"<rss><channel>", "application/xml"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "application/xml"),
        (b"<rdf:RDF xmlns:rdf='x'>", "application/xml"),
        (b"<?xml version='1.0'?><urlset>", "application/xml"),
        (b"<?xml version='1.0'?><?xml-stylesheet href='a'?><sitemapindex>", "application/xml"),
        (b"<svg viewBox='0 0 1 1'>", "application/xml"),
        (b"<?xml version='1.0'?><catalogue><book/>", "application/xml"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0//EN' 'x'><html>", None),
        (b"<?xml version='1.0'?><div>", None),
        (b"<!DOCTYPE html><svg>", "application/xml"),
        (b"<custom-tag>", None),
    ],
)
@pytest.mark.parametrize("declared", ["text/html", "text/plain"])
def test_data_is_no_page_though_it_is_called_text(body: bytes, mime: str | None, declared: str) -> None:
    assert mime_of(identified=None, declared=declared, body=body) == (mime or declared)


@pytest.mark.parametrize("declared", ["application/xml", "text/xml; charset=utf-8", "application/vnd.wap.xhtml+xml"])
@pytest.mark.parametrize(
    ("body", "is_page"),
    [
        (b'<?xml version="1.0"?><html ' + NAMESPACE + b">", True),
        (b"<!-- c -->\n<html lang='en' " + NAMESPACE + b">", True),
        (b'<?xml version="1.0"?><h:html xmlns:h="http://www.w3.org/1999/xhtml">', True),
        (b"<!DOCTYPE html PUBLIC 'x' 'y' [\n<!ENTITY a 'b'>\n]>\n<html>", True),
        (b"<html>", False),
        (b"<rss><html " + NAMESPACE + b">", False),
        (b"<svg/>", False),
        (b"words", False),
    ],
)
def test_xml_is_a_page_if_its_root_is_that_of_xhtml(body: bytes, is_page: bool, declared: str) -> None:
    assert (mime_of(identified=None, declared=declared, body=body) == XHTML) == is_page


def test_of_several_types_the_last_counts_that_is_one() -> None:
    assert essence_of("text/plain;charset=gbk, text/html") == "text/html"
    assert essence_of('text/html;x=",text/plain"') == "text/html"
    assert essence_of("text/html, */*") == "text/html"
    assert charset_of("text/html;charset=gbk, text/html") == "gbk"
    assert charset_of("text/plain;charset=gbk, text/html") is None
    assert charset_of("text/html, charset=gbk") == "gbk"
    assert charset_of('text/html; x="charset=koi8-r"; charset="\\gbk"') == "gbk"
    assert charset_of("charset=gbk") == "gbk"
