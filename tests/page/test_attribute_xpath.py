from pathlib import Path

import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from trafilatura import xpaths

from bench.extraction.gold_warcs import load_warcs
from udfs.page.attribute_xpath import AttributeXPath, replace_in
from udfs.page.charset import decode_page

NAMESPACES = {"re": "http://exslt.org/regular-expressions"}
FORMS = (
    ".//*[re:test(@class, 'foo|^bar')]",
    ".//*[self::div or self::p][re:test(@id|@class, 'foo')]",
    ".//*[self::div][@data-x or contains(@style, 'none') or contains(translate(@role, 'N', 'n'), 'nav') or @class='bar foo']",
    ".//*[starts-with(@id|@class, 'bar') or re:test(@class, 'FOO', 'i')]",
    "(.//*[self::div or self::p][re:test(@class, 'o')])[1]",
    ".//*[self::div or self::p][re:test(@class, 'o') or @id='or'][1]",
    ".//*[self::div or self::p][re:test(@id, 'o')][not(self::p) or not(.//p)]",
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["class", "id", "style", "role", "data-x", "title"]),
    st.sampled_from(["", "foo", "bar foo", "barfoo", "FOO", "display:none", "Nav", "or", "x"]),
    max_size=4,
)


@st.composite
def trees(draw: st.DrawFn) -> etree._Element:
    """Draw a tree of up to twenty elements whose attributes come in any order."""
    root = etree.Element("body")
    elements = [root]
    for _ in range(draw(st.integers(0, 20))):
        parent = draw(st.sampled_from(elements))
        child = etree.SubElement(parent, draw(st.sampled_from(["div", "p", "span"])))
        for name, value in draw(ATTRIBUTES).items():
            child.set(name, value)
        elements.append(child)
    return root


def own(path: str) -> AttributeXPath:
    found = AttributeXPath.of(etree.XPath(path, namespaces=NAMESPACES))
    assert found is not None, path
    return found


@pytest.mark.parametrize("path", FORMS)
@settings(max_examples=60, deadline=None)
@given(tree=trees())
def test_an_expression_finds_what_lxml_finds_in_the_same_order(path: str, tree: etree._Element) -> None:
    assert own(path)(tree) == etree.XPath(path, namespaces=NAMESPACES)(tree)


def test_of_two_attributes_the_one_written_first_counts() -> None:
    tree = etree.fromstring('<body><p id="a" class="foo"/><p class="foo" id="a"/></body>')
    assert own(".//*[re:test(@id|@class, 'foo')]")(tree) == [tree[1]]


@pytest.mark.parametrize(
    "path",
    [
        "//div",  # not below the element
        ".//*[re:test(@class, 'x*')]",  # true of elements without a class
        ".//*[re:test(text(), 'x')]",
        ".//*[re:test(@class, 'x') and @id]",
        ".//*[re:test(@class, 'x')]|.//p",
        ".//*[re:test(@class, 'x')][2]",
        ".//*[contains(translate(@class, 'AB', 'a'), 'x')]",
    ],
)
def test_what_is_not_understood_is_left_to_lxml(path: str) -> None:
    expression = etree.XPath(path, namespaces=NAMESPACES)
    assert AttributeXPath.of(expression) is None
    expressions = [expression]
    replace_in([expressions])
    assert expressions == [expression]


def originals() -> list[etree.XPath]:
    """Return the expressions of trafilatura's text extraction that test attributes, also where they were replaced before."""
    names = ("OVERALL_DISCARD", "REMOVE_COMMENTS", "REMOVE_COMMENTS_AND_LISTS", "PRECISION_DISCARD", "RAW_TREE_PRUNE", "BODY")
    lists = [getattr(xpaths, f"{name}_XPATH") for name in names]
    paths = [expression.path for expressions in lists for expression in expressions if "re:test(" in expression.path]
    return [etree.XPath(path, namespaces=NAMESPACES) for path in paths]


def test_all_expressions_of_the_installed_trafilatura_are_understood() -> None:
    assert [expression.path for expression in originals() if AttributeXPath.of(expression) is None] == []
    assert len(originals()) >= 9


@pytest.mark.real
def test_on_real_pages_trafilaturas_expressions_find_what_lxml_finds(shared_data: Path) -> None:
    pages = load_warcs(shared_data / "real/cc-sample")[::12]
    pairs = [(expression, own(expression.path)) for expression in originals()]
    found = 0
    for page in pages:
        tree = trafilatura.load_html(decode_page(page.request.body, header=page.request.charset).text)
        for theirs, ours in pairs if tree is not None else ():
            expected = theirs(tree)
            assert ours(tree) == expected
            found += len(expected)
    assert found > 1000
