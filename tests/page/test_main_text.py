"""Whose text becomes the main text of a page, and what it looks like."""

from typing import get_args

import pytest
from resiliparse.parse.html import HTMLTree

from udfs.page import main_text as module
from udfs.page.choice import Choice, Proposed
from udfs.page.main_text import Extractor, MainText, main_text, plain_text, resiliparse_text

PROSE = "The council met on Tuesday to discuss the old railway station and what is to become of it."
PARAGRAPHS = [f"{n}. {PROSE}" for n in range(1, 9)]
ARTICLE = "<html><body><article><h1>Station</h1>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "</article></body></html>"
COMMENT = "<div class='comments'><p>I travelled from that station every day until it was closed.</p></div>"


def taken(html: str, extractor: Extractor = "choice") -> MainText:
    tree = HTMLTree.parse(html)
    return main_text(html, tree, plain=plain_text(tree, extractor=extractor), extractor=extractor, favor="precision")


def test_the_choice_keeps_paragraphs_lists_tables_and_code_on_lines_of_their_own() -> None:
    rows = "".join(f"<tr><td>row {n}</td><td>{n * 10}</td></tr>" for n in range(3))
    items = "".join(f"<li>{item}</li>" for item in ("first thing to know", "second thing to know"))
    code = "<pre><code>for x in range(3):\n    print(x)</code></pre>"
    html = ARTICLE.replace("</article>", f"<ul>{items}</ul><table>{rows}</table>{code}<p>{PROSE}</p></article>")
    lines = taken(html).text.split("\n")
    assert [line for line in PARAGRAPHS if line not in lines] == []
    assert [line.strip(" -•") for line in lines if "thing to know" in line] == ["first thing to know", "second thing to know"]
    assert [line for line in lines if line.startswith("row ") or line.startswith("| row")] != []
    assert "    print(x)" in lines


def test_a_page_deeper_than_libxml2_reads_gives_the_text_of_resiliparse() -> None:
    deep = ARTICLE.replace("</article>", "<div>" * 300 + f"<p>{PROSE.upper()}</p>" + "</div>" * 300 + "</article>")
    found = taken(deep)
    assert (found.extractor, PROSE.upper() in found.text) == ("resiliparse_comments", True)


def test_lines_cut_are_counted_only_if_the_cut_text_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "propose", lambda html, *, bare, whole: Proposed({}, {}, 3))
    for proposal, cut in (("trafilatura", 0), ("trafilatura_cut", 3)):
        monkeypatch.setattr(module, "choose", lambda proposed, name=proposal: Choice("text", name, "forum"))
        assert taken(ARTICLE) == MainText("text", proposal, cut, "forum")


def test_resiliparse_has_comments_where_it_is_the_product_and_none_where_it_is_the_measure() -> None:
    tree = HTMLTree.parse(ARTICLE.replace("</article>", f"</article>{COMMENT}"))
    assert "I travelled" in plain_text(tree, extractor="resiliparse")
    assert "I travelled" not in plain_text(tree, extractor="choice")
    assert plain_text(tree, extractor="resiliparse") == resiliparse_text(tree, whole=True)


@pytest.mark.parametrize("extractor", [name for name in get_args(Extractor) if name != "blocks"])
def test_the_same_page_gives_the_same_text_again(extractor: Extractor) -> None:
    assert len({taken(ARTICLE, extractor) for _ in range(6)}) == 1
