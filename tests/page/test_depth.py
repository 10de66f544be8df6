import pytest
from lxml import etree

from tests.page.test_page import extract_page, html
from udfs.page.depth import LONG_TAG, MAX_ATTRIBUTES, MAX_LEVELS, flattened
from udfs.page.extractor import ExtractSettings

WORDS = "The council met on Tuesday to discuss the old railway station."


def nested(tags: str, levels: int) -> str:
    names = tags.split()
    opened = "".join(f"<{name}>" for name in names)
    closed = "".join(f"</{name}>" for name in reversed(names))
    inside = "".join(f"{opened}{WORDS} Down {level}. " for level in range(levels))
    return f"<html><body><p>First.</p>{inside}{f'{closed}Up. ' * levels}<p>Last.</p></body></html>"


def levels(page: str) -> int:
    """Return how deep lxml finds a page, without its own limit."""
    root = etree.fromstring(page, etree.HTMLParser(huge_tree=True))
    deepest = 0
    for element in root.iter():
        deepest = max(deepest, sum(1 for _ in element.iterancestors()))
    return deepest


@pytest.mark.parametrize(
    "tags", ["div", "table tr td", "ul li", "b", "font div", "blockquote p", "section", "b i", "noscript", "x-y"]
)
@pytest.mark.parametrize("depth", [300, 700])
def test_a_page_that_is_too_deep_is_flattened_and_keeps_its_words(tags: str, depth: int) -> None:
    page, cut = flattened(nested(tags, depth))
    assert cut >= depth - MAX_LEVELS
    assert levels(page) <= MAX_LEVELS + 5
    parser = etree.HTMLParser()
    text = "".join(etree.fromstring(page, parser).itertext())
    assert (text.count("Down"), text.count("Up"), "Last." in text) == (depth, depth, True)


def test_a_page_that_is_not_deep_is_left_as_it_is() -> None:
    wide = "<p>a<br><img src=x><li>b<td>c" * 500 + "<div><b>d</b></div>" * 500
    scripts = "<script>" + "if (a<b && c<d) x = '<div>';" * 500 + "</script>"
    comments = "<!-- " + "<div>" * 500 + " -->"
    misnested = "<font><p>text</font>" * 500
    for page in (wide, scripts, comments, misnested, "", "<", "</", "words"):
        assert flattened(page) == (page, 0)


def test_of_a_tag_with_very_many_attributes_the_first_thousand_stay() -> None:
    def tag(attributes: int) -> str:
        return "<p" + "".join(f' data-{number}="a long value"' for number in range(attributes)) + ">"

    picture = f"<img src='data:{'a=b ' * LONG_TAG}'>"
    assert flattened(f"{picture}{tag(MAX_ATTRIBUTES)}one</p>") == (f"{picture}{tag(MAX_ATTRIBUTES)}one</p>", 0)
    assert flattened(f"{picture}{tag(10 * MAX_ATTRIBUTES)}one</p>") == (f"{picture}{tag(MAX_ATTRIBUTES)[:-1]} >one</p>", 0)


def test_words_of_blocks_that_lose_their_tags_stay_apart() -> None:
    page, _ = flattened("<div>" * 2 * MAX_LEVELS + "<div>one</div><div>two <b>bold</b> on</div> three")
    assert page == "<div>" * MAX_LEVELS + "<p>one<p>two bold on<p> three"


@pytest.mark.parametrize("extractor", ["choice", "blocks", "trafilatura", "resiliparse"])
def test_every_extractor_finds_the_text_below_256_levels(extractor: str) -> None:
    settings = ExtractSettings(extractor=extractor)  # type: ignore[arg-type]
    deep = "".join(f"<table><tr><td><p>{WORDS} This is number {level}.</p>" for level in range(150))
    result = extract_page(html(f"<html><body>{deep}</body></html>"), settings=settings)
    assert result.tags_cut is not None and result.tags_cut > 0
    assert result.text is not None
    assert all(f"number {level}." in result.text for level in range(150))
