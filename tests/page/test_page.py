import random
from functools import partial
from pathlib import Path

import pytest

from udfs.page.extractor import (
    ExtractSettings,
    PageExtractor,
    PageRequest,
    PageResult,
    decode_result,
    encode_result,
    storable,
)
from udfs.page.http_message import charset_of, parse_message
from udfs.reading.location import open_location, size
from udfs.warc.records import Record, read_records

ARTICLE = "<p>" + "The council met on Tuesday to discuss the old railway station and its future. " * 8 + "</p>"
HEAD = (
    '<html lang="en-GB"><head><title> The old\n station </title>'
    '<meta property="article:published_time" content="2024-05-01T12:00:00+02:00">'
    '<meta name="robots" content="noai"></head><body><nav><a href=/>Home</a></nav><article><h1>The old station</h1>'
)


def extract_page(page: PageRequest, *, settings: ExtractSettings) -> PageResult:
    return PageExtractor(settings).extract(page)


RESILIPARSE = ExtractSettings(extractor="resiliparse")
TRAFILATURA = ExtractSettings(extractor="trafilatura")
BLOCKS = ExtractSettings(extractor="blocks")


def html(text: str, mime: str = "text/html") -> PageRequest:
    return PageRequest(body=text.encode("utf-8", "surrogatepass"), mime=mime, charset="utf-8")


@pytest.mark.parametrize("settings", [RESILIPARSE, TRAFILATURA, BLOCKS], ids=["resiliparse", "trafilatura", "blocks"])
def test_a_page_gives_its_main_text_and_what_its_head_says(settings: ExtractSettings) -> None:
    link = '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">licence</a>'
    result = extract_page(html(f"{HEAD}{ARTICLE}</article>{link}"), settings=settings)
    assert result.text is not None
    assert result.text.count("The council met on Tuesday") == 8
    assert "Home" not in result.text
    assert PageResult(**(vars(result) | {"text": None})) == PageResult(
        outcome="extracted",
        charset="utf-8",
        charset_source="header",
        extractor=settings.extractor,
        lines_cut=0,
        page_kind="article" if settings.extractor == "blocks" else None,
        title="The old station",
        published="2024-05-01T12:00:00+02:00",
        language="en-GB",
        licence="https://creativecommons.org/licenses/by/4.0",
        opt_out=("meta:noai",),
    )


@pytest.mark.parametrize(
    ("markup", "published"),
    [
        ('<meta name="date" content="2024-05-01">', "2024-05-01"),
        ('<script type="application/ld+json">{"datePublished": "2024-05-01T10:00:00Z"}</script>', "2024-05-01T10:00:00Z"),
        ('<time itemprop="datePublished" datetime="2024-05-01">1 May</time>', "2024-05-01"),
        ('<meta name="date" content="yesterday">', None),
        ("<p>2024-05-01</p>", None),
    ],
)
def test_the_date_is_the_one_the_page_declares(markup: str, published: str | None) -> None:
    assert extract_page(html(markup), settings=RESILIPARSE).published == published


@pytest.mark.parametrize("settings", [RESILIPARSE, TRAFILATURA, BLOCKS], ids=["resiliparse", "trafilatura", "blocks"])
@pytest.mark.parametrize("text", ["", "  \n", "<html></html>", "<script>only = 1</script>", "<!-- nothing -->"])
def test_a_page_without_text_is_dropped(text: str, settings: ExtractSettings) -> None:
    result = extract_page(html(text), settings=settings)
    assert (result.outcome, result.reason, result.text) == ("dropped", "empty_text", None)


def test_plain_text_is_taken_as_it_is() -> None:
    result = extract_page(html(" <b>not</b> markup\n", "text/plain"), settings=TRAFILATURA)
    assert (result.text, result.extractor, result.title) == ("<b>not</b> markup", "plain", None)
    result = extract_page(html("Words without a tag."), settings=TRAFILATURA)
    assert (result.text, result.extractor) == ("Words without a tag.", "plain")


def test_text_that_parquet_cannot_hold_is_mended() -> None:
    assert storable("a\0b\ud800c\udfff") == "ab\ufffdc\ufffd"
    assert extract_page(html("one\0two", "text/plain"), settings=RESILIPARSE).text == "onetwo"
    result = extract_page(html("<title>T\0\ud800</title><p>one\0two \udc80</p>"), settings=RESILIPARSE)
    assert "\0" not in f"{result.title}{result.text}"
    (result.text or "").encode("utf-8")


def test_a_result_passes_the_pipe_unchanged() -> None:
    result = extract_page(html(f"{HEAD}{ARTICLE}"), settings=RESILIPARSE)
    header, text = encode_result(result)
    fields = __import__("json").loads(header)
    assert decode_result(fields, text) == result
    assert decode_result({"outcome": "failed", "reason": "timeout"}, b"") == PageResult("failed", "timeout")


@pytest.mark.real
@pytest.mark.parametrize("settings", [RESILIPARSE, TRAFILATURA, BLOCKS], ids=["resiliparse", "trafilatura", "blocks"])
def test_extraction_depends_on_the_bytes_alone(shared_data: Path, settings: ExtractSettings) -> None:
    path = str(shared_data / "real/cc-sample/cc-sample-00002.warc.gz")
    pages = []
    for span in read_records(partial(open_location, path), size=size(path), end=3_000_000):
        if isinstance(span, Record) and span.type == "response" and span.body is not None:
            message = parse_message(span.body)
            pages.append(PageRequest(message.body, "text/html", charset_of(message.header("content-type"))))
    pages = pages[:100]
    assert len(pages) == 100
    first = [extract_page(page, settings=settings) for page in pages]
    order = random.Random(1).sample(range(100), 100)
    for index in order:
        assert extract_page(pages[index], settings=settings) == first[index]
    for _ in range(5):  # a cache of seen paragraphs would start to drop the page now
        assert extract_page(pages[0], settings=settings) == first[0]
