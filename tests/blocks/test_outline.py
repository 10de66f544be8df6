"""Which text becomes a block."""

import numpy as np
import pytest

from tests.blocks.reading import everything, read
from udfs.blocks import tags
from udfs.blocks.attributes import ClassWords
from udfs.blocks.features import describe
from udfs.page.depth import flattened


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>one<p>two", ["one", "two"]),
        ("<div>bare<p>one</p>tail</div>", ["bare", "one", "tail"]),
        (
            "<p>The <time>5 March</time> and the <button>tailrace</button>, a <label>name</label>.",
            ["The 5 March and the tailrace, a name."],
        ),
        ("<p>of <g class=x>northern</g> <x-term>straw hives</x-term> here", ["of northern straw hives here"]),
        ("<p>is <math><mi>x</mi><mo>=</mo><mn>44</mn><annotation>x TeX</annotation></math> marks", ["is x=44 marks"]),
        ("<p>wo<b>rd</b>s", ["words"]),
        ("<p>one<br>two<br><br>three", ["one", "two", "three"]),
        ("<fieldset><legend>History</legend><p>text</fieldset>", ["History", "text"]),
        ("<p>a &lt;tag&gt; &amp; more &quot;x&quot;", ['a <tag> & more "x"']),
        ("<p>---<p>* * *<p>word", ["word"]),
        ("<p>one<template-part><p>two</template-part>", ["one", "two"]),
        ("<pre><button>Copy</button>a = 1\nb = 2</pre>", ["a = 1", "b = 2"]),
        ("<pre><span class='line'>a:</span><span class='line'>  b</span></pre>", ["a:", "  b"]),
        ("<table><tr><td><div>1</div><div>2</div><td><div>a:</div><div>b</div></table>", ["1", "2", "a:", "b"]),
        (
            "<noframes><p>Your browser is old.</noframes><p>text of the page that is much longer",
            ["text of the page that is much longer"],
        ),
        ("<p>\U0001f600 smile<p>\U00020000\U00020001", ["\U0001f600 smile", "\U00020000\U00020001"]),
    ],
)
def test_a_page_falls_into_lines(html: str, lines: list[str]) -> None:
    assert everything(html) == lines


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>x</script>",
        "<style>x</style>",
        "<template><p>x</p></template>",
        "<p hidden>x</p>",
        "<p hidden=hidden>x</p>",
        "<p style='color:red; DISPLAY : none'>x</p>",
        "<span style='visibility:hidden'>x</span>",
        "<dialog><p>x</dialog>",
        "<div popover><p>x</div>",
        "<noscript><p>x</noscript>",
        "<select><option>x</select>",
        "<textarea>x</textarea>",
        "<iframe>x</iframe>",
        "<svg><title>x</title><text>x</text></svg>",
        '<script type=\'application/json\'>{"html": "<p>x</p>"}</script>',
    ],
)
def test_what_no_reader_sees_is_no_text_and_what_follows_is(hidden: str) -> None:
    assert everything(f"<p>before {hidden}after<p>next words") == ["before after", "next words"] or everything(
        f"<p>before {hidden}after<p>next words"
    ) == ["before", "after", "next words"]


@pytest.mark.parametrize(
    "shown", ["<p hidden=until-found>x</p>", "<dialog open>x</dialog>", "<p data-hidden=''>x</p>", '<p>hidden="" x</p>']
)
def test_what_a_reader_sees_is_text(shown: str) -> None:
    assert any("x" in line.split() for line in everything(f"<p>before</p>{shown}"))


@pytest.mark.parametrize(
    "panel",
    [
        "<div role=tabpanel hidden><p>x</p></div>",
        "<section role=region style='display: none'>x</section>",
        "<div class='faq-answer' style='display:none'>x</div>",
        "<dd class='cmp-accordion__panel' hidden>x</dd>",
        "<div class='tab__content' hidden>x</div>",
        "<div id=collapse-3 style='visibility: hidden'>x</div>",
    ],
)
def test_what_a_reader_opens_is_kept_and_marked(panel: str) -> None:
    page = read(f"<p>before</p>{panel}<p>next words</p>")
    around = describe(page, ClassWords())["around_panel"].tolist()
    assert everything(f"<p>before</p>{panel}<p>next words</p>") == ["before", "x", "next words"]
    assert around == [0, 1, 0]


def test_parts_that_a_page_sends_late_are_shown_and_not_marked() -> None:
    page = read("<p>before</p><div hidden id='S:1a'><p>late</p></div>")
    assert describe(page, ClassWords())["around_panel"].tolist() == [0, 0]
    assert everything("<p>before</p><div hidden id='S:late'><p>late</p></div>") == ["before"]


def test_hidden_text_that_outweighs_the_page_is_its_content() -> None:
    assert everything("<body style='display:none'><p>all of it") == ["all of it"]
    thread = " ".join(f"post {number} of a thread" for number in range(20))
    assert everything(f"<p>wait<noscript><p>{thread}</noscript>") == ["wait", thread]


def test_hidden_text_that_outweighs_a_long_menu_is_the_content_and_less_is_not() -> None:
    menu = " ".join(f"shop {number}" for number in range(100))
    article = " ".join(f"sentence {number} of a long article." for number in range(100))
    assert everything(f"<p>{menu}</p><main style='display: none'><p>{article}</main>") == [menu, article]
    assert everything(f"<p>{article}</p><div style='display: none'><p>{menu}</div>") == [article]


def test_hidden_words_again_and_again_are_no_content() -> None:
    article = " ".join(f"sentence {number} of an article." for number in range(20))
    assert everything(f"<p>{article}</p><div style='display: none'>{'cheap pills here ' * 500}</div>") == [article]


def test_blocks_know_the_elements_around_them() -> None:
    page = read("<div><ul><li>one<li><p>two</ul></div><h2>three")
    outline = page.outline
    names = [tags.NAMES[outline.element_tag[element]] for element in outline.gap_element[page.gap]]
    assert names == ["li", "p", "h2"]
    parents = outline.element_parent[outline.gap_element[page.gap]]
    assert [tags.NAMES[outline.element_tag[parent]] for parent in parents] == ["ul", "li", "body"]


def test_the_tree_of_elements_is_that_of_the_parser() -> None:
    from lxml import etree

    html = "<body><div><p>a</p><div><ul><li>b</li><li>c<p>d</p></li></ul>e</div></div><p>f</p></body>"
    page = read(html)
    root = etree.HTML(html)
    blocks = [element for element in root.iter() if tags.IS_BLOCK[tags.IDS[element.tag]]]
    known = {element: number for number, element in enumerate(blocks, 1)}
    assert page.outline.element_tag[1:].tolist() == [tags.IDS[element.tag] for element in blocks]
    assert page.outline.element_parent[1:].tolist() == [known.get(element.getparent(), 0) for element in blocks]
    assert np.all(page.outline.element_first[1:] < page.outline.element_last[1:])


def test_deep_trees_lose_nothing() -> None:
    for depth in (300, 1500, 20_000):
        html, _ = flattened("<p>first</p>" + "<div>" * depth + "<p>deep</p>" + "</div>" * depth + "<p>last</p>")
        assert everything(html) == ["first", "deep", "last"]
