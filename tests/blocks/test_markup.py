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
    assert everything("<p>one\x01\x02</p><p>two &lt; &gt;") == ["one", "two < >"]


def test_what_is_written_as_it_is_holds_no_tags() -> None:
    raw = "<iframe><p>a</iframe><noembed><p>b</noembed><script><p>c</script><?php if (a) { ?><style><p>d</style><!-- <p>e --><svg><!-- <p>f --></svg>"
    assert everything(f"<p>one</p>{raw}<p>two</p><xmp>a &lt; <b>c</xmp><keygen><bgsound>three<plaintext><i>") == [
        "one", "two", "a &lt; <b>c", "three", "<i>"
    ]  # fmt: skip


def test_a_page_of_frames_is_what_it_says_to_browsers_without_any() -> None:
    assert everything("<frameset><frame src=a><noframes><body><p>one</p><p>two</p></body></noframes></frameset>") == [
        "one",
        "two",
    ]
