"""Code whose lines are rows, list items or boxes keeps its lines and its white space, and loses its numbers."""

import pytest

from tests.least_time import least_seconds
from tests.page.test_page import RESILIPARSE, TRAFILATURA, extract_page
from udfs.page.code_listings import with_code_listings
from udfs.page.extractor import ExtractSettings, PageRequest
from udfs.page.source_signs import signs_of

LINES = [
    "import os",
    "",
    "def walk(folder):",
    '    """Yield each file below a folder."""',
    "    for place, folders, files in os.walk(folder):",
    "        for name in sorted(files):",
    '            if name &lt; "b" and place != "":',
    "                yield os.path.join(place, name)",
]
CODE = "\n".join(LINES)
NUMBERED = list(enumerate(LINES, start=1))
HARD = [line.replace("  ", "&nbsp;&nbsp;") for line in LINES]
ROW = (
    '<tr>\n<td id="L{0}" class="blob-num js-line-number" data-line-number="{0}"></td>\n<td class="blob-code">{1}</td>\n</tr>\n'
)
FORMS = {
    "github": f'<table class="highlight">{"".join(ROW.format(n, line) for n, line in NUMBERED)}</table>',
    "rows of pre": "<table>"
    + "".join(f'<tr><td class="linenos">{n}</td><td class="code"><pre>{line}</pre></td></tr>' for n, line in NUMBERED)
    + "</table>",
    "gitiles": '<table class="FileContents">'
    + "".join(
        f'<tr class="u-pre"><td class="u-lineNum FileContents-lineNum" data-line-number="{n}"></td>'
        f'<td class="FileContents-lineContents"><span class="kwd">{line}</span></td></tr>'
        for n, line in NUMBERED
    )
    + "</table>",
    "crayon": '<table><tr><td class="crayon-nums">'
    + "".join(f'<div class="crayon-num">{n}</div>' for n, _ in NUMBERED)
    + '</td><td class="crayon-code"><div class="crayon-pre">'
    + "".join(f'<div class="crayon-line" id="c{n}">{line or "&nbsp;"}</div>' for n, line in enumerate(HARD))
    + "</div></td></tr></table>",
    "doxygen": '<div class="fragment">'
    + "".join(
        f'<div class="line"><a name="l{n:05d}"></a><span class="lineno">{n:5d}</span>&#160;{line}</div>\n'
        for n, line in NUMBERED
    )
    + "</div>",
    "prettify": f'<ol class="linenums">{"".join(f"<li class=L{n}><span>{line}</span>" for n, line in enumerate(HARD))}</ol>',
    "highlighter": '<div class="dp-highlighter"><ol start="1" class="dp-py">'
    + "".join(f"<li><span>{line}&nbsp; </span></li>" for line in HARD)
    + "</ol></div>",
    "numbers in pre": "<pre>" + "\n".join(f'<span class="lineno">{n:2d}</span>{line}' for n, line in NUMBERED) + "</pre>",
}
PROSE = "<p>The function below walks a folder and all beneath it, and yields the full name of each file that it meets.</p>"
EXTRACTORS = {"choice": ExtractSettings(), "blocks": ExtractSettings(extractor="blocks")}


def rewritten(html: str) -> str:
    return with_code_listings(html, signs_of(html))


@pytest.mark.parametrize("name", FORMS)
def test_a_listing_becomes_preformatted(name: str) -> None:
    made = rewritten(f"<body>{FORMS[name]}</body>")
    text = made[made.index("<pre>") + 5 : made.index("</pre>")]
    assert [line.rstrip() for line in text.replace('<span class="lineno"></span>', "").split("\n")] == LINES


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_extractors_keep_its_lines_and_white_space(name: str, extractor: str) -> None:
    page = f"<html><head><title>Walk a folder</title></head><body><nav><a href=/>Home</a></nav><article>{PROSE}{FORMS[name]}{PROSE}"
    text = extract_page(PageRequest(page.encode(), "text/html", "utf-8"), settings=EXTRACTORS[extractor]).text or ""
    assert CODE.replace("&lt;", "<") in text


@pytest.mark.parametrize("settings", [RESILIPARSE, TRAFILATURA], ids=["resiliparse", "trafilatura"])
def test_other_extractors_keep_its_words_in_order(settings: ExtractSettings) -> None:
    page = f"<html><head><title>x</title></head><body><article>{PROSE * 3}{FORMS['github']}{PROSE * 3}"
    text = extract_page(PageRequest(page.encode(), "text/html", "utf-8"), settings=settings).text or ""
    assert "for name in sorted(files):" in text


SIGN = '<i class="lineno">a</i>'  # without which nothing is looked for


@pytest.mark.parametrize(
    "html",
    [
        '<table><tr><td class="code">DE<td>49<tr><td class="code">FR<td>33</table>',  # numbers that are data
        '<table><tr><td class="line-num">1<td class="code">a<td>note<tr><td class="line-num">2<td class="code">b<td></table>',
        '<table><caption>Codes</caption><tr><td>1<td class="code">a<tr><td>2<td class="code">b</table>',
        '<table><tr><td class="line-num">1<td class="code">a</table>',  # one line is no listing
        '<table>lost<tr><td>1<td class="code">a<tr><td>2<td class="code">b</table>',
        '<div class="line">one</div><div class="line">two</div><p class="lineno">',  # no numbers, not preformatted
        '<div class="crayon-line">one</div> and <div class="crayon-line">two</div>',
        '<div class="crayon-line">one</div> 12 <div class="crayon-line">two</div>',
        '<ol class="steps linenums-not"><li>one<li>two</ol>',
        '<div class="line">text<span class="lineno">1</span></div><p>',
        '<p class="lineno">1</p><pre>no number</pre>',
        '<script>var a = \'<table><tr><td>1<td class="blob-code">a<tr><td>2<td class="blob-code">b</table>\'</script><td>',
    ],
)
def test_what_is_no_listing_stays(html: str) -> None:
    assert rewritten(html + SIGN) == html + SIGN


def test_text_before_a_number_stays() -> None:
    line = '<div class="crayon-line">total<span class="lineno">1</span></div>'
    assert rewritten(line * 2) == "<pre>total1\ntotal1</pre>"


@pytest.mark.parametrize(
    "part",
    [
        '<div class="crayon-line">',
        '<div class="crayon-line"></div><p>',
        '<td class="blob-code"><td>',
        '<table><tr><td class="blob-code">',
        '<pre><span class="lineno">1',
        '<ol class="linenums"><li><!--',
        '<div class="line"><div class="lineno">',
    ],
)
def test_the_time_grows_with_the_page(part: str) -> None:
    short, long = (least_seconds(rewritten, part * times + SIGN) for times in (4_000, 40_000))
    assert long < 40 * max(short, 0.002)
