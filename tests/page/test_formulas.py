"""Formulas are written once, as TeX, whatever a page holds of them."""

import pytest

from tests.least_time import least_seconds
from tests.page.test_page import RESILIPARSE, TRAFILATURA, extract_page
from udfs.page.extractor import ExtractSettings, PageRequest
from udfs.page.formulas import with_formulas
from udfs.page.source_signs import signs_of

ANNOTATED = (
    '<math xmlns="http://www.w3.org/1998/Math/MathML"{}><semantics><mrow><mi>π</mi><msup><mi>r</mi><mn>2</mn></msup></mrow>'
    '<annotation encoding="application/x-tex">\\pi r^2</annotation></semantics></math>'
)
DRAWN = '<span class="katex-html" aria-hidden="true"><span class="mord">π</span><span class="mord">r2</span></span>'
MATHJAX = (
    '<span class="MathJax_Preview">πr2</span><span class="MathJax" id="M1"><nobr><span class="math">πr2</span></nobr></span>\n'
)
WIKI = (
    (
        '<span class="mwe-math-element"><span class="mwe-math-mathml-inline" style="display: none;"><math alttext="{{\\displaystyle \\pi r^2}}">'
        '<mi>π</mi></math></span><img class="mwe-math-fallback-image-inline" alt="{{\\displaystyle \\pi r^2}}" src="a.svg"></span>'
    )
    .replace("{{", "{")
    .replace("}}", "}")
)
INLINE = {
    "katex": f'<span class="katex"><span class="katex-mathml">{ANNOTATED.format("")}</span>{DRAWN}</span>',
    "mathjax script": '<script type="math/tex">\\pi r^2</script>',
    "mathjax drawn": f'{MATHJAX}<script type="math/tex" id="M1">% <![CDATA[\n\\pi r^2 %]]></script>',
    "mathjax 3": f'<mjx-container jax="CHTML"><mjx-math aria-hidden="true">πr2</mjx-math>{ANNOTATED.format("")}</mjx-container>',
    "wiki": WIKI,
    "old wiki": '<img class="tex" alt="\\pi r^2" src="a.png">',
    "annotation": ANNOTATED.format(""),
    "annotation by another name": ANNOTATED.format("").replace("application/x-tex", "TeX"),
    "alttext": '<math alttext="\\pi r^2"><mi>π</mi></math>',
    "blog": '<img src="https://s0.wp.example/latex.php?latex=x" alt="\\pi r^2" class="latex" />',
}
APART = {
    "katex": f'<span class="katex-display">{INLINE["katex"]}</span>',
    "mathjax script": '<script type="math/tex; mode=display">\\pi r^2</script>',
    "mathjax drawn": f'<div class="MathJax_Display">{MATHJAX}</div><script type="math/tex; mode=display">\\pi r^2</script>',
    "annotation": ANNOTATED.format(' display="block"'),
}
SENTENCE = "<p>The area of a round field is {} and so it grows faster than the fence that is needed around it, as farmers know well.</p>"


def rewritten(html: str) -> str:
    return with_formulas(html, signs_of(html))


@pytest.mark.parametrize("name", INLINE)
def test_a_formula_in_a_line_is_tex(name: str) -> None:
    assert rewritten(f"<p>a {INLINE[name]} b") == "<p>a \\(\\pi r^2\\) b"


@pytest.mark.parametrize("name", APART)
def test_a_formula_apart_is_tex_apart(name: str) -> None:
    made = rewritten(f"<p>a {APART[name]} b")
    assert made.replace("<div>", "").replace("</div>", "") == "<p>a \\[\\pi r^2\\] b"


@pytest.mark.parametrize("name", INLINE)
@pytest.mark.parametrize(
    "settings",
    [ExtractSettings(), RESILIPARSE, TRAFILATURA, ExtractSettings(extractor="blocks")],
    ids=["choice", "resiliparse", "trafilatura", "blocks"],
)
def test_every_extractor_has_it_once_in_its_sentence(name: str, settings: ExtractSettings) -> None:
    page = f"<html><head><title>Fields</title></head><body><article>{SENTENCE.format('not the rim') * 3}{SENTENCE.format(INLINE[name])}"
    text = extract_page(PageRequest(page.encode(), "text/html", "utf-8"), settings=settings).text or ""
    assert "field is \\(\\pi r^2\\) and so" in text


def test_mathml_without_tex_stays_without_what_was_drawn_of_it() -> None:
    plain = "<math><mi>x</mi></math>"
    assert rewritten(f"<p>{plain}") == f"<p>{plain}"
    assert rewritten(f'<span class="katex">{plain}<span class="katex-html">x</span></span>') == plain
    assert rewritten(f"<mjx-container><mjx-math>x</mjx-math>{plain}</mjx-container>") == plain


def test_other_scripts_and_pictures_stay() -> None:
    page = '<script>"<math alttext=a>"</script><script type="math/mml"><math/></script><img class="latex"><img class="photo" alt="x">'
    assert rewritten(page) == page
    assert rewritten('<script type="math/tex">a<b && c</script>') == "\\(a&lt;b &amp;&amp; c\\)"


SIGN = "</math>"  # without which nothing is looked for


@pytest.mark.parametrize(
    "part",
    [
        "<math>",
        '<span class="katex">',
        '<math><annotation encoding="x-tex">a',
        '<script type="math/tex">',
        '<span class="MathJax"></span>',
        '<div class="MathJax_Display"><math>',
        '<img class="latex" alt="',
        "<math><annotation x-tex",
    ],
)
def test_the_time_grows_with_the_page(part: str) -> None:
    short, long = (least_seconds(rewritten, part * times + SIGN) for times in (4_000, 40_000))
    assert long < 40 * max(short, 0.002)
