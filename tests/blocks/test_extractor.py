"""The learned extractor as a whole, with the shipped model."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from resiliparse.parse.html import HTMLTree

from docker.pack import pack_code
from tests.blocks.reading import read
from udfs.blocks.extractor import BlockExtractor
from udfs.blocks.features import describe
from udfs.blocks.model import shipped_model, shipped_sha256
from udfs.page.extractor import ExtractSettings, PageExtractor, PageRequest

PROSE = (
    "The mill stood at the end of the lane, where the stream was narrow and fast. It had ground the wheat of three villages for as long as "
    "anybody could remember, and the miller knew every family by the colour of its sacks."
)
OTHER = (
    "When the railway came, the farmers sent their grain to the town, and the wheel stood still for most of the week. The miller's son "
    "took a room above the bakery and learned to repair clocks, which he did well until the war."
)
NAV = "<nav><ul><li><a href=/>Home</a><li><a href=/news>News</a><li><a href=/about>About us</a></ul></nav>"
NOTICE = "<div id=cookie-bar><p>This site stores cookies, and by reading on you agree to our rules on them.</p><button>OK</button></div>"
FOOT = "<footer><p><a href=/imprint>Imprint</a> | <a href=/privacy>Privacy</a></p></footer>"
PAGE = (
    f"<html><head><title>The mill</title></head><body>{NAV}<article><h1>The mill</h1><p>{PROSE}</p><p>{OTHER}</p></article>"
    f"{FOOT}</body></html>"
)


def text_of(html: str) -> str:
    extractor = BlockExtractor()
    return extractor.text(extractor.read(html, HTMLTree.parse(html)))


def test_an_article_comes_without_its_menu_and_footer() -> None:
    assert text_of(PAGE) == f"The mill\n{PROSE}\n{OTHER}"


def test_answers_that_a_reader_opens_are_text_and_a_notice_to_everybody_is_not() -> None:
    answers = "".join(
        f"<h3>{question}</h3><div class=faq-answer style='display: none'><p>{answer}</p></div>"
        for question, answer in (("How old is the mill?", PROSE), ("What came of the son?", OTHER))
    )
    page = f"<html><body>{NAV}<main><h1>Questions about the mill</h1>{answers}</main>{NOTICE}</body></html>"
    assert text_of(page) == f"Questions about the mill\nHow old is the mill?\n{PROSE}\nWhat came of the son?\n{OTHER}"


def test_a_page_that_says_one_sentence_has_that_sentence() -> None:
    page = f"<html><body>{NAV}<article><h1>The mill is closed</h1><p>It opens again in May.</p></article>{FOOT}{NOTICE}</body></html>"
    assert text_of(page) == "The mill is closed\nIt opens again in May."


def test_what_came_before_changes_nothing() -> None:
    extractor = BlockExtractor()
    tree = HTMLTree.parse(PAGE)
    first = extractor.text(extractor.read(PAGE, tree))
    other = PAGE.replace("article", "div class=comment")
    extractor.text(extractor.read(other, HTMLTree.parse(other)))
    assert extractor.text(extractor.read(PAGE, tree)) == first


def test_features_are_the_models() -> None:
    page = read(PAGE)
    described = describe(page, BlockExtractor().words)
    assert set(shipped_model().features) <= set(described)
    assert all(len(values) == len(page.begin) and np.isfinite(values.astype(np.float64)).all() for values in described.values())


def test_a_page_extractor_takes_title_and_text_from_one_parse() -> None:
    result = PageExtractor(ExtractSettings(extractor="blocks")).extract(PageRequest(PAGE.encode(), "text/html", "utf-8"))
    assert (result.outcome, result.extractor, result.title) == ("extracted", "blocks", "The mill")
    marked = ExtractSettings(extractor="blocks", format="markdown")
    text = PageExtractor(marked).extract(PageRequest(PAGE.encode(), "text/html", "utf-8")).text
    assert text == f"# The mill\n\n{PROSE}\n\n{OTHER}"


@pytest.mark.parametrize("html", ["", "<", "<html></html>", "<p></p>", "<br>" * 1000, "\x00<\x01>", "<table><tr><td>"])
def test_odd_pages_have_no_text_or_little_and_raise_nothing(html: str) -> None:
    assert len(text_of(html)) < 5


def test_the_model_is_found_in_the_zip_that_spark_is_given(tmp_path: Path) -> None:
    code = pack_code(tmp_path / "code.zip", version="0")
    assert "udfs/blocks/model.npz" in zipfile.ZipFile(code).namelist()
    script = "import json; from udfs.blocks import model; print(json.dumps([model.__file__, model.shipped_sha256()]))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env={"PYTHONPATH": str(code)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    place, sha256 = json.loads(done.stdout)
    assert place.startswith(str(code))
    assert sha256 == shipped_sha256() == shipped_model().sha256
