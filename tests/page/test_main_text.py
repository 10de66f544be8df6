"""Whose text becomes the main text of a page, and what it looks like."""

from typing import get_args

import pytest
from resiliparse.parse.html import HTMLTree

from udfs.page.extractor import ExtractSettings, PageExtractor, PageRequest, PageResult
from udfs.page.main_text import Extractor, plain_text, resiliparse_text

PROSE = "The council met on Tuesday to discuss the old railway station and what is to become of it."
PARAGRAPHS = [f"{n}. {PROSE}" for n in range(1, 9)]
ARTICLE = "<html><body><article><h1>Station</h1>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "</article></body></html>"
COMMENT = "<div class='comments'><p>I travelled from that station every day until it was closed.</p></div>"


def taken(html: str, extractor: Extractor = "choice") -> PageResult:
    return PageExtractor(ExtractSettings(extractor=extractor)).extract(PageRequest(html.encode(), "text/html", "utf-8"))


def test_the_choice_keeps_paragraphs_lists_tables_and_code_on_lines_of_their_own() -> None:
    rows = "".join(f"<tr><td>row {n}</td><td>{n * 10}</td></tr>" for n in range(3))
    items = "".join(f"<li>{item}</li>" for item in ("first thing to know", "second thing to know"))
    code = "<pre><code>for x in range(3):\n    print(x)</code></pre>"
    html = ARTICLE.replace("</article>", f"<ul>{items}</ul><table>{rows}</table>{code}<p>{PROSE}</p></article>")
    lines = (taken(html).text or "").split("\n")
    assert [line for line in PARAGRAPHS if line not in lines] == []
    assert [line.strip(" -•") for line in lines if "thing to know" in line] == ["first thing to know", "second thing to know"]
    assert [line for line in lines if line.startswith("row ") or line.startswith("| row")] != []
    assert "    print(x)" in lines


def test_a_page_deeper_than_trafilatura_reads_keeps_its_text() -> None:
    deep = ARTICLE.replace("</article>", "<div>" * 300 + f"<p>{PROSE.upper()}</p>" + "</div>" * 300 + "</article>")
    assert PROSE.upper() in (taken(deep).text or "")


def test_the_choice_and_the_blocks_say_what_kind_of_page_it_is_and_the_libraries_do_not() -> None:
    chosen, blocks, *libraries = (taken(ARTICLE, name).page_kind for name in ("choice", "blocks", "trafilatura", "resiliparse"))
    assert chosen == blocks is not None
    assert libraries == [None, None]


def test_resiliparse_has_comments_where_it_is_the_product_and_none_where_it_is_the_measure() -> None:
    tree = HTMLTree.parse(ARTICLE.replace("</article>", f"</article>{COMMENT}"))
    assert "I travelled" in plain_text(tree, extractor="resiliparse")
    assert "I travelled" not in plain_text(tree, extractor="choice")
    assert plain_text(tree, extractor="resiliparse") == resiliparse_text(tree, whole=True)


@pytest.mark.parametrize("extractor", get_args(Extractor))
def test_the_same_page_gives_the_same_text_again(extractor: Extractor) -> None:
    assert len({taken(ARTICLE, extractor) for _ in range(6)}) == 1
