"""The tables of extraction against gold text: sources, folds, kinds of page, intervals, misses."""

import gzip
import json
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from bench.extraction.gold_page import PageKind, fold_of, site_of
from bench.extraction.gold_wcxb import load_wcxb
from bench.extraction.made_pages import failures
from bench.extraction.misses import misses, unwanted
from bench.extraction.tables import by_group, differences, interval, markdown, page_score, summary
from bench.extraction.variants import Extracted
from tests.bench.made_gold import gold_page
from udfs.page.extractor import PageRequest


def extracted(text: str) -> Extracted:
    return Extracted(text=text, extractor="fake", page_kind=None, ms=1.0)


def test_pages_of_one_site_are_in_one_fold_and_all_folds_are_used() -> None:
    assert {site_of(url) for url in ("http://news.bbc.co.uk/1", "https://www.bbc.co.uk/2")} == {"bbc.co.uk"}
    assert site_of("no url") == "no url"
    assert {fold_of(f"site{n}.example", 5) for n in range(40)} == set(range(5))
    assert fold_of("a.example", 5) == fold_of("a.example", 5)


def test_a_page_counts_by_the_score_of_its_source() -> None:
    assert page_score(gold_page("1", column="wcxb", gold=""), extracted("")) == 1.0
    assert page_score(gold_page("1", column="news", gold="a b"), extracted("a b c d")) == pytest.approx(2 / 3)
    assert page_score(gold_page("1", column="prefix", gold="a b"), extracted("a b c d")) == 1.0
    assert page_score(gold_page("1", column="snippets", gold=None), extracted("a")) is None


def test_the_summary_has_a_row_for_each_extractor_and_a_column_for_each_source() -> None:
    html = "<p>one two three four five</p>"
    pages = [
        gold_page("1", html=html, gold="one two three four five"),
        gold_page("2", column="wcxb", gold="", wanted=("one two",)),
        gold_page("3", column="snippets", gold=None, wanted=("three",)),
    ]
    found = {"1": extracted("one two three four five"), "2": extracted(""), "3": extracted("three Menu")}
    (row,) = summary(pages, {"v": found})
    assert row == {
        "extractor": "v",
        "news": 1.0,
        "wcxb": 1.0,
        "wcxb must": 0.0,
        "wcxb must not": 0.0,
        "snippets must": 1.0,
        "snippets must not": 0.5,
        "p": 1.0,
        "li": None,
        "tr": None,
        "pre": None,
        "heading": None,
        "empty": 0,
        "ms": 1.0,
        "median ms": 1.0,
    }


def test_groups_too_small_to_speak_of_are_left_out() -> None:
    forum: PageKind = "forum"
    product: PageKind = "product"
    kinds = (*[forum] * 10, *[product] * 9, *[None] * 3)
    pages = [gold_page(str(n), gold="a", kind=kind) for n, kind in enumerate(kinds)]
    results = {"v": {page.id: extracted("a") for page in pages}}
    assert by_group(pages, results, group=lambda page: page.kind) == [{"extractor": "v", "forum (10)": 1.0}]


def test_differences_are_told_from_the_first_extractor() -> None:
    pages = [gold_page("1", gold="a b"), gold_page("2", gold="c d")]
    results = {
        "first": {"1": extracted("a b"), "2": extracted("")},
        "second": {"1": extracted("a b x x"), "2": extracted("c d")},
    }
    first, second = differences(pages, results, column="news")
    assert first == {"extractor": "first", "less the first": 0.0, "low": 0.0, "high": 0.0}
    assert list(second.values())[1:] == [pytest.approx(1 / 3), pytest.approx(-1 / 3), 1.0]


def test_an_interval_draws_whole_sites_and_never_changes() -> None:
    assert interval([[1.0] * 10]) == (1.0, 1.0)
    uneven = [[n**1.5] for n in range(9)]
    assert interval(uneven) == interval(uneven)
    low, high = interval([[0.0], [1.0]] * 8)
    assert 0.2 <= low <= 0.3 and 0.7 <= high <= 0.8  # 0.5 -+ 1.96 * 0.5 / sqrt(16)
    assert interval([[0.0] * 50, [1.0] * 50]) == (0.0, 1.0)


def test_a_table_is_markdown_with_three_decimals() -> None:
    assert markdown([{"extractor": "v", "F1": 0.5, "low": None}, {"extractor": "w", "more": 2}]) == (
        "| extractor | F1 | low | more |\n| --- | --- | --- | --- |\n| v | 0.500 | – | – |\n| w | – | – | 2 |"
    )


def test_wcxb_is_read_with_its_pages_and_a_missing_page_is_named(tmp_path: Path) -> None:
    row = {
        "page": "0001",
        "url": "https://a.example/x",
        "page_type": "forum",
        "main_content": "",
        "must": ["m"],
        "must_not": [],
    }
    with gzip.open(tmp_path / "gold.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.write(json.dumps(row) + "\n")
    with tarfile.open(tmp_path / "html.tar.xz", "w:xz") as archive:
        member = tarfile.TarInfo("html/0001.html")
        member.size = 3
        archive.addfile(member, BytesIO(b"<p>"))
    (page,) = load_wcxb(tmp_path)
    assert (page.id, page.site, page.kind, page.gold, page.must_contain) == ("wcxb-0001", "a.example", "forum", "", ("m",))
    assert page.request == PageRequest(body=b"<p>", mime="text/html", charset="utf-8")
    with gzip.open(tmp_path / "gold.jsonl.gz", "at", encoding="utf-8") as lines:
        lines.write(json.dumps(row | {"page": "0002"}) + "\n")
    with pytest.raises(ValueError, match=r"1 pages of .* first 0002"):
        load_wcxb(tmp_path)


def test_misses_say_what_was_lost_and_what_broken() -> None:
    rows = "".join(f"<tr><td>{name} of the county</td><td>some {name} more</td></tr>" for name in ("one", "two", "three"))
    page = gold_page("misses", html=f"<table>{rows}</table>", gold="one of the county some one more\n" * 2)
    found = list(misses(page, "text\none of the county some one more and on\n", "tr"))
    assert found[0] == "  1 of 1" and found[1].startswith("  broken 'one of the county")
    assert list(misses(page, "nothing of it", "tr"))[1].startswith("  lost ")
    assert not list(misses(page, "| one of the county | some one more |", "tr"))
    assert list(unwanted(page, "text\nthe Menu of it")) == ["  'Menu'\n      in: 'the Menu of it'"]


def test_checks_of_made_pages_fail_where_they_should() -> None:
    checks = [("must", "Two words"), ("not", "Log in"), ("line", "one item"), ("row", "a b"), ("code", "  x = 1"), ("not", "?")]
    assert not list(failures("Some two words.\n- one item\n| a | b |\n  x = 1", checks))
    assert list(failures("Log in, one item a b x = 1\n?", checks)) == checks
