"""What a reader sees stays in trafilatura's text, and what is hidden does not: small inputs, each of which fails without the pass."""

import pytest

from udfs.page.mended_tree import mend
from udfs.page.quick_trafilatura import parse, texts_of

BEFORE = (
    "The ferry over the lower river runs on a rope that two men pull, and it takes a cart and four oxen at most. In spring the water "
    "stands too high for it. Then the carts go round by the stone bridge, which costs them a day and a toll.",
    "The toll was set by the bishop, who kept a table of it in the gate. Salt paid more than grain, and a bride paid nothing at all.",
    "Whoever came at night had to wait in the lower house, where the keeper sold soup. He wrote down what he sold, and the book is kept.",
)
AFTER = "When the new road was built, nobody asked for the ferry any more, and the rope was sold to a farmer who hung his bell with it."


def text_of(inner: str, *, mended: bool = True) -> str:
    html = "<html><head><title>Ferry</title></head><body><article><h1>The ferry</h1>"
    html += "".join(f"<p>{line}</p>" for line in BEFORE) + f"{inner}<p>{AFTER}</p></article></body></html>"
    tree = parse(html)
    assert tree is not None
    if mended:
        mend(tree)
    return texts_of(tree)[0]


LONG = "A rope of hemp lasts four years if it is tarred each autumn, and two if it is not."
KEPT = {
    "time in a sentence": ("<p>The keeper died on <time>9 May 1790</time> at the gate.</p>", "died on 9 May 1790 at the gate"),
    "time in a cell": (
        "<table><tr><th>Tied up</th><td><time>9 May 1790</time></td></tr><tr><th>Sold</th><td><time>2 June 1791</time></td></tr></table>",
        "| Sold | 2 June 1791 |",
    ),
    "button in a sentence": ("<p>The <button>hawser</button> is the thick rope of it.</p>", "The hawser is the thick rope"),
    "label in a sentence": ("<p>They call it the <label>warp</label> in the north of it.</p>", "it the warp in the north"),
    "formula": ("<p>A cart paid <math><mn>12</mn></math> pence on market days.</p>", "paid 12 pence on market days"),
    "fieldset": (f"<fieldset><legend>Ropes</legend><p>{LONG}</p></fieldset>", f"Ropes\n{LONG}"),
    "form with hidden fields": (f"<form><input type='hidden' name='id'><p>{LONG}</p></form>", LONG),
    "aside": (f"<aside><p>{LONG}</p></aside>", LONG),
    "figure of code": ("<figure><pre><code>pull(rope)\n  wait(2)</code></pre></figure>", "pull(rope)\n  wait(2)"),
    "figure of a quotation": (f"<figure><blockquote><p>{LONG}</p></blockquote></figure>", LONG),
    "code in a toolbar": (
        "<div class='code-toolbar'><pre><code>pull(rope)\n  wait(2)</code></pre></div>",
        "pull(rope)\n  wait(2)",
    ),
    "lines of code as blocks": (
        "<pre><code><span style='display: block'>pull(rope)</span><span style='display: block'>  wait(2)</span></code></pre>",
        "pull(rope)\n  wait(2)",
    ),
    "lines of code by their class": (
        "<pre><code><span class='token-line'>pull(rope)</span><span class='token-line'>  wait(2)</span></code></pre>",
        "pull(rope)\n  wait(2)",
    ),
    "unlucky class": (f"<p class='related-paragraph'>{LONG}</p>", LONG),
    "unknown block": (f"<x-paragraph>{LONG}</x-paragraph>", LONG),
    "unknown word": ("<p>They call it the <x-term>hawser</x-term> in the north of it.</p>", "the hawser in the north"),
    "list in a cell": (
        "<table><tr><th>Tue</th><td><ul><li>closed</li></ul></td></tr><tr><th>Wed</th><td><ul><li>10 to 12</li></ul></td></tr></table>",
        "| Wed | 10 to 12 |",
    ),
    "caption": (
        "<table><caption>Tolls in pence</caption><tr><th>What</th><th>Toll</th></tr><tr><td>cart</td><td>12</td></tr></table>",
        "Tolls in pence\n| What | Toll |",
    ),
    "code and its numbers": (
        "<table><tr><td><pre>1\n2</pre></td><td><pre>a = 1\nb = 2</pre></td></tr></table>",
        "\na = 1\nb = 2\n",
    ),
    "paragraphs in a cell": (f"<table><tr><td><p>{' '.join(BEFORE)}</p><p>{LONG}</p></td></tr></table>", f"\n{LONG}\n"),
}
DROPPED = {
    "template": "<template><p>Nobody sees this sentence of a template at all.</p></template>",
    "hidden": "<p hidden>Nobody sees this sentence of a template at all.</p>",
}
BESIDE = {
    "date of a byline": ("<div>By <a href='/k'>K.</a> <time>9 May 1790</time></div>", "1790"),
    "button alone": ("<p><button>Subscribe to the news of the ferry</button></p>", "Subscribe"),
    "form with a field": (
        "<form><p>Leave a reply to the keeper of the ferry, who reads all of them.</p><textarea></textarea></form>",
        "reply",
    ),
    "aside of links": (
        "<aside><p><a href='/1'>The old bridge and its keeper, in forty pictures of today</a></p></aside>",
        "forty",
    ),
    "aside of a class": (f"<aside class='newsletter'><p>{LONG}</p></aside>", "hemp"),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_a_reader_sees_is_in_the_text(name: str) -> None:
    inner, wanted = KEPT[name]
    assert wanted in text_of(inner).replace(" \n", "\n") + "\n"


@pytest.mark.parametrize("name", [name for name in KEPT if name != "unknown word"])
def test_trafilatura_alone_loses_it(name: str) -> None:
    inner, wanted = KEPT[name]
    assert wanted not in text_of(inner, mended=False).replace(" \n", "\n") + "\n"


@pytest.mark.parametrize("name", DROPPED)
def test_what_nobody_sees_is_not_in_the_text(name: str) -> None:
    assert "Nobody" not in text_of(DROPPED[name])
    assert "Nobody" in text_of(DROPPED[name], mended=False)


@pytest.mark.parametrize("name", BESIDE)
def test_what_stands_beside_the_text_stays_out(name: str) -> None:
    inner, unwanted = BESIDE[name]
    assert unwanted not in text_of(inner)
