"""What only the look of a page says is written out."""

import pytest

from tests.least_time import least_seconds
from udfs.page.source_signs import signs_of
from udfs.page.typography import written_out


def rewritten(html: str) -> str:
    return written_out(html, signs_of(html))


@pytest.mark.parametrize(
    ("html", "made"),
    [
        ("Mar&shy;ion, Mar\xadion, Mar&#173;ion &shy;", "Marion, Marion, Marion "),
        ("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>", "<ruby>漢(かん)字(じ)</ruby>"),
        ("<ruby>漢字<rp>（</rp><rt>かんじ</rt><rp>）</rp></ruby>", "<ruby>漢字(かんじ)</ruby>"),
        ("<ruby>漢<rt><b>かん</b><rp>)</ruby>", "<ruby>漢(<b>かん</b>)</ruby>"),
        ("<ruby>漢<rt> </rt></ruby>", "<ruby>漢</ruby>"),
        ('1912<sup id="r1"><a href="#n1">1</a></sup>', '1912<sup id="r1"><a href="#n1">[1]</a></sup>'),
        ('sea<a href="p.html#fn-2" class=x><sup>2</sup></a>.', 'sea<a href="p.html#fn-2" class=x><sup>[2]</sup></a>.'),
        ('word<sup><a href="#n">*</a></sup>', 'word<sup><a href="#n">[*]</a></sup>'),
        ('<h2>Use<a class="headerlink" href="#use" title="Permalink">¶</a></h2>', "<h2>Use</h2>"),
        ('<h2><a href="a.html#use">&#182;</a>Use<a href=#use>\u200b</a></h2>', "<h2>Use</h2>"),
        ('<p>A note. <a href="#r1" class="back">↩\ufe0e</a> <a href="#r2">^</a>', "<p>A note.  "),
        ('<i class="material-icons md-18">directions_boat</i> Ferry', " Ferry"),
        ("10<sup>4</sup> and 10<sup> −6</sup>", "10<sup>^4</sup> and 10<sup>^ −6</sup>"),
    ],
)
def test_text_says_what_a_reader_sees(html: str, made: str) -> None:
    assert rewritten(html) == made


@pytest.mark.parametrize(
    "html",
    [
        "H<sub>2</sub>O, m<sup>2</sup>, the 1<sup>st</sup> of May",
        'a<sup class="reference"><a href="#cite-1">[1]</a></sup>',
        '<a href="/shop">12<sup>99</sup></a>'.replace("12<", "twelve <"),
        'word<sup><a href="/other">1</a></sup>',
        'word<sup><a href="#new">new</a></sup>',
        "soft &amp;shy; is a name",
        '<i class="material-list">wood</i>',
        '<a href="#a">C#</a> <a href="/b">#</a> <a href="#c">§ 3</a> <a href="#d"></a>¶',
    ],
)
def test_other_marks_stay(html: str) -> None:
    assert rewritten(html) == html


SIGNS = '</ruby></sup>class="material-" &shy;#</a>'  # without which nothing is looked for


@pytest.mark.parametrize(
    "part",
    [
        "<rt>a",
        "<rp>(",
        "<rt><b>",
        '<sup><a href="#',
        "1<sup>",
        "1<sup>1",
        "<sup><a #>1",
        "<a #><sup>",
        "<a #>¶",
        "<a #>#</a",
        "<i material-icons ",
        '<img class="emoji" ',
        "<q ",
    ],
)
def test_the_time_grows_with_the_page(part: str) -> None:
    short, long = (least_seconds(rewritten, part * times + SIGNS) for times in (4_000, 40_000))
    assert long < 40 * max(short, 0.002)
