"""A page is read in one way by the product and by training."""

import numpy as np

from bench.extraction.block_characters import character_bits
from bench.extraction.block_rows import block_texts, rows_of
from bench.extraction.gold_page import GoldPage
from udfs.blocks.characters import character_table
from udfs.blocks.extractor import BlockExtractor
from udfs.page.charset import Decoded
from udfs.page.extractor import ExtractSettings, PageExtractor, PageRequest
from udfs.page.fit_html import fit_html

EARLY_END = "<body><p>The first paragraph stands before.</p></body></html><p>The second one stands behind the page's end.</p>"


def fit(html: str) -> str:
    found = fit_html(Decoded(html, "utf-8", "header"), mime="text/html")
    assert found is not None
    return found[0]


def test_training_reads_a_page_as_the_product_does() -> None:
    request = PageRequest(EARLY_END.encode(), "text/html", "utf-8")
    gold = GoldPage("a", "https://a.example/", "a.example", "news", "made", None, None, request, "The second one", (), ())
    rows = rows_of(gold, character_table(character_bits()))
    assert rows is not None
    seen: list[str] = []

    class Watched(BlockExtractor):
        def probabilities(self, page):  # type: ignore[no-untyped-def]
            seen.extend(block_texts(page))
            return np.zeros(len(page.begin), dtype=np.int64)

    PageExtractor(ExtractSettings(extractor="blocks"), blocks=Watched()).extract(request)
    assert block_texts(rows[1].read) == seen == [
        "The first paragraph stands before.", "The second one stands behind the page's end."
    ]  # fmt: skip


def test_what_is_no_html_is_not_read() -> None:
    plain = Decoded("a < b", "utf-8", "header")
    assert fit_html(plain, mime="text/plain") is None
    assert fit_html(Decoded("a b", "utf-8", "header"), mime="text/html") is None


def test_scripts_are_emptied_before_anything_is_looked_for() -> None:
    assert fit("<script>document.write('</body><svg><p>')</script><p>10<sup>4</sup>") == "<script></script><p>10<sup>^4</sup>"


def test_a_script_of_xhtml_that_closes_itself_hides_none_behind_it() -> None:
    head = '<html xmlns="http://www.w3.org/1999/xhtml"><script src="a.js" />'
    assert fit(f"{head}<p>text</p><script>b()</script>") == f"{head[:-2]}></script><p>text</p><script></script>"


def test_links_that_edit_a_section_of_a_wiki_go() -> None:
    bracket = '<span class="mw-editsection-bracket">{}</span>'
    edit = f'<span class="mw-editsection">{bracket.format("[")}<a href=e><span>edit</span></a> | <a href=s>source</a>{bracket.format("]")}</span>'
    assert fit(f"<h2><span id=h>History</span>{edit}</h2>") == "<h2><span id=h>History</span></h2>"
    assert fit('<h2>Use<span class="editsection">[<a href=e>edit</a>]</span></h2>') == "<h2>Use</h2>"
    cut = '<h2>Use<span class="mw-editsection">[<div>edit</div>'
    assert fit(cut) == cut
