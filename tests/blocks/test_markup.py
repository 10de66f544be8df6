"""The parse: what is written out, and what is not misread."""

import pytest

from tests.blocks.reading import everything
from udfs.blocks.model import shipped_model
from udfs.blocks.page import read_page


@pytest.mark.parametrize("html", ["", " ", "\0", "<", "no markup", "<!-- only -->", "<script>x</script>", "<p>-</p>"])
def test_a_page_without_words_in_elements_is_no_error(html: str) -> None:
    page = read_page(html, shipped_model().table)
    assert page is None or len(page.begin) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<p <span="" a"b=1 c\'d=\'"\'>one</p><p>two</p>',
        "<p title='a > b < c'>one</p><p>two</p>",
        "<p>one</p><a<b>two</a<b>",
        "<p>one</p></div></p></span><p>two",
    ],
)
def test_odd_tags_are_read_as_the_parser_reads_them(html: str) -> None:
    assert everything(html) == ["one", "two"]


def test_control_characters_are_no_tags() -> None:
    assert everything("<p>one\x01\x02</p><p>two &lt; &gt;") == [
        "one\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}",
        "two < >",
    ]
