"""The kind of a page, by the model that comes with the project."""

import pytest
from resiliparse.parse.html import HTMLTree

from udfs.blocks.extractor import BlockExtractor
from udfs.page.page_kind import MODEL, features, kind_of
from udfs.page.trees import read_trees

PROSE = (
    "The rope of the ferry is tarred each autumn by two men of the lower house, who get a measure of salt for it every year. "
)
ARTICLE = f"""<html><head><meta property="og:type" content="article"><title>Rope</title>
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Rope"}}</script></head><body><article><h1>Rope</h1>
{"".join(f"<p>{PROSE * 3}</p>" for _ in range(12))}</article></body></html>"""
PRODUCT = f"""<html><head><meta property="og:type" content="product"><link rel="canonical" href="https://shop.example/products/rope">
<script type="application/ld+json">{{"@type": "Product", "offers": {{"@type": "Offer"}}}}</script></head><body><main><h1>Rope</h1>
<form><select><option>2 m</option></select><input type="number"><button>Add to cart</button></form><p>{PROSE}</p>
<ul>{"<li>Hemp</li>" * 6}</ul></main>{"<a href='/products/x'><img src='x.jpg'>Knot</a>" * 8}</body></html>"""


@pytest.mark.parametrize(("html", "kind"), [(ARTICLE, "article"), (PRODUCT, "product")])
def test_a_plain_page_of_a_kind_is_known(html: str, kind: str) -> None:
    page = BlockExtractor().read(html, HTMLTree.parse(html)).page
    assert page is not None
    assert kind_of(page) == kind


def test_every_feature_of_the_model_is_one_that_is_measured_and_every_kind_has_trees() -> None:
    page = BlockExtractor().read(ARTICLE, HTMLTree.parse(ARTICLE)).page
    assert page is not None
    trees = read_trees(MODEL)
    assert set(trees.features) <= set(features(page))
    assert sorted(trees.targets) == ["article", "collection", "documentation", "forum", "listing", "product", "service"]
    assert all(trees.targets.values())
