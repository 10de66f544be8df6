"""Scripts and styles are emptied where every parser sees their end in the same place, and nowhere else."""

import re

import pytest
from resiliparse.parse.html import HTMLTree

from tests.least_time import least_seconds
from udfs.page.without_scripts import without_scripts

EMPTIED = {
    "script": ("<script>let a = 1</script>", "<script></script>"),
    "attributes": ("<script async src='a.js' id=x>a()</script >", "<script async src='a.js' id=x></script >"),
    "letters of any case": ("<SCRIPT>a()</Script>", "<SCRIPT></Script>"),
    "tags in a string": ("<script>let a = '<p>text</p>'</script>", "<script></script>"),
    "data": ('<script type="application/json">{"a": 1}</script>', '<script type="application/json"></script>'),
    "within a comment of its own": ("<script><!-- a() //--></script>", "<script></script>"),
    "strict": ('<script>"use strict"; a()</script>', "<script></script>"),
    "style": ("<style media=print>p {color: red}</style>", "<style media=print></style>"),
    "a few words for browsers without scripts": (
        "<noscript><iframe src=a /><p>Turn it on.</noscript>",
        "<noscript></noscript>",
    ),
    "two": ("<style>p {}</style>a<script>b()</script>c", "<style></style>a<script></script>c"),
}
LEFT = {
    "JSON-LD": '<script type="application/ld+json">{"@type": "Article"}</script>',
    "JSON-LD as ASP.NET names it": '<script type="application/ld&#x2B;json">{"@type": "Article"}</script>',
    "a formula": "<script type=math/tex>x^2</script>",
    "a script within a script": "<script>document.write('<script>a()')</script>",
    "a comment that ends behind the start": "<!-- <script> --> text <!-- </script> -->",
    "an attribute that holds a start": '<p title="<script>"> text </script>',
    "an attribute with a sign of markup": '<script data-a="a > b">c()</script>',
    "words that may be the page": f"<noscript><p>{'word ' * 30}</noscript><noscript>{'word ' * 30}</noscript>",
    "no end": "<script>a()",
    "another element's end": "<style>p {}</styl>",
    "another element": "<scripted>a</scripted>",
    "closed at once, in a picture": "<svg><script href=a /></svg>text<script></script>",
    "closed at once, with an end far behind": "<svg><script href=a /></svg>text</script>",
    "a listing of tags": "<xmp><script>a()</script></xmp>",
    "a listing of tags by its old name": "<LISTING><script>a()</script></LISTING>",
    "text to the page's end": "<plaintext><script>a()</script>",
}


@pytest.mark.parametrize("name", EMPTIED)
def test_a_script_or_style_is_emptied(name: str) -> None:
    html, made = EMPTIED[name]
    assert without_scripts(f"<p>a{html}<p>b") == f"<p>a{made}<p>b"


@pytest.mark.parametrize("name", LEFT)
def test_what_is_read_or_in_doubt_stays(name: str) -> None:
    assert without_scripts(LEFT[name]) == LEFT[name]


@pytest.mark.parametrize("html", [*LEFT.values(), *(html for html, _ in EMPTIED.values() if "<iframe" not in html)])
def test_the_text_around_it_is_the_same(html: str) -> None:
    def text(page: str) -> str:
        document = HTMLTree.parse(f"<p>a {page} <p>b").document
        written = document.html if document is not None else ""
        return re.sub(r"<[^<>]*>", "", re.sub(r"<(script|style|noscript)\b[^>]*>.*?</\1>", "", written, flags=re.DOTALL))

    assert text(without_scripts(html)) == text(html)


@pytest.mark.parametrize(
    "unit", ["<script>", "<script ", '<script "', "<script></script>", "<script>-->", "<style><script>", "<script a='>'"]
)
def test_the_time_is_linear(unit: str) -> None:
    short, long = (least_seconds(without_scripts, unit * times) for times in (4_000, 40_000))
    assert long < 25 * short + 0.01
