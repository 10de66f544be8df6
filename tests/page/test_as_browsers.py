import pytest

from tests.least_time import least_seconds
from tests.page.test_page import RESILIPARSE, TRAFILATURA, extract_page
from udfs.page.as_browsers import as_browsers_read
from udfs.page.extractor import ExtractSettings, PageRequest
from udfs.page.source_signs import signs_of

ONE = "The council met on Tuesday evening to discuss the old railway station and its future. " * 3
TWO = "A mason of the town had drawn a plan by which the roof could be kept for another hundred years. " * 3
PAGES = {
    "early end of html": f"<p>{ONE}</p></body></html><p>{TWO}</p></body></html>",
    "early end of body": f"<BODY><p>{ONE}</p></BODY><script>a</script><!-- b --><p>{TWO}</p></HTML>",
    "two pages": f"<p>{ONE}</p></html><html><head><title>x</title></head><body class=y><p>{TWO}</p></body></html>",
    "svg": f"<p>{ONE}</p><svg><path d='M0'><p>{TWO}</p>",
    "object": f"<p>{ONE}</p><object data=a.swf><param name=b><p>{TWO}</p>",
    "shadow root": f"<p>{ONE}</p><x-y><template shadowrootmode='open'><p>{TWO}</p></template></x-y>",
    "closed shadow root": f"<p>{ONE}</p><x-y><template class=a shadowrootmode=closed><p>{TWO}</p></template></x-y>",
}


def read(html: str) -> str:
    return as_browsers_read(html, signs_of(html))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "settings",
    [ExtractSettings(), RESILIPARSE, TRAFILATURA, ExtractSettings(extractor="blocks")],
    ids=["choice", "resiliparse", "trafilatura", "blocks"],
)
def test_an_extractor_finds_what_a_browser_shows(name: str, settings: ExtractSettings) -> None:
    page = f"<html><head><title>x</title></head><body>{PAGES[name]}"
    text = extract_page(PageRequest(page.encode(), "text/html", "utf-8"), settings=settings).text or ""
    assert ONE.strip() in text
    assert TWO.strip() in text


@pytest.mark.parametrize(
    "html",
    [
        "<p>one</p></body></html>\n<!-- cached at noon -->",
        "<p>one</p></body><script>var a = 'words';</script><noscript><img></noscript></html>",
        "<p>one</p></html",
        "<svg><path/><text>words</text></svg><p>one</p><svg/>",
        "<svg><foreignObject><p>one</p></foreignObject><svg></svg>",
        "<template><p>one</p></template><template shadowrootmode=none></template></template>",
        "<p style='display:block'>one</p><span style='display:inline-block'>two</span> display:block",
        "<pre>&lt;span style='display:block'></pre>",
    ],
)
def test_a_page_that_all_read_alike_is_unchanged(html: str) -> None:
    assert read(html) == html


@pytest.mark.parametrize(
    ("html", "rewritten"),
    [
        ("<p>one</p></body ></html>two", "<p>one</p>two"),
        ("<svg><g><title>a</title></svg><svg><br><svg><path><div>", "<svg><g><title>a</title></svg><svg></svg><br><svg><path></svg><div>"),
        (
            "<template shadowrootmode=open>a<template>b</template>c</template>",
            "<div>a<template>b</template>c</div>",
        ),
        ("<span style='display: block'>one</span><a href=x style=display:block>two</a>three",
         "\n<span style='display: block'>one</span>\n<a href=x style=display:block>two</a>\nthree"),
        ("<object><object></object><object a=b>one", "<object></object><object></object><object a=b></object>one"),
        ("<b style='display:block'>one<b>two</b></b>", "\n<b style='display:block'>one<b>two</b></b>"),
    ],
)  # fmt: skip
def test_a_page_is_written_as_a_browser_reads_it(html: str, rewritten: str) -> None:
    assert read(html) == rewritten


@pytest.mark.parametrize(
    "unit",
    [
        "</body",
        "</html>x",
        "<svg ",
        "<svg><p>",
        "<svg>",
        "<object>",
        "<template shadowrootmode=open>",
        "<a style='display:block'>",
        "<!--",
    ],
)
def test_eight_times_the_hostile_page_takes_about_eight_times_as_long(unit: str) -> None:
    short, long = (
        least_seconds(read, "</html><svg><template shadowrootmode='open'>" + unit * count) for count in (4_000, 32_000)
    )
    assert long < 24 * short + 0.05
