"""The measures of extraction against gold text: what they count, and what they must not be fooled by."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))  # scripts, no package

from extract_gold import (
    Block,
    GoldPage,
    Kept,
    Score,
    blocks_kept,
    half_of,
    line_share,
    read_blocks,
    score,
    site_of,
    snippets_found,
    tokens,
)
from extract_quality import Extracted, agreement, interval, markdown, means, snippets

from udfs.page.extractor import PageRequest


def gold_page(
    id: str,
    *,
    html: str = "",
    gold: str = "",
    site: str = "a.example",
    language: str | None = "en",
    wanted: tuple[str, ...] = (),
) -> GoldPage:
    return GoldPage(
        id=id,
        url=f"https://{site}/{id}",
        site=site,
        source="made",
        kind="human",
        language=language,
        half="tuning",
        request=PageRequest(body=html.encode(), mime="text/html", charset="utf-8"),
        gold=gold,
        must_contain=wanted,
        must_not_contain=("Menu", "Log in"),
    )


def extracted(text: str, gold: str) -> Extracted:
    return Extracted(text=text, extractor="fake", ms=1.0, score=score(text, gold))


def test_tokens_are_words_in_lower_case_and_single_characters_of_unspaced_scripts() -> None:
    assert tokens("Über 3.5 km, don't!") == ["über", "3", "5", "km", "don", "t"]
    assert tokens("Tokyo東京タワー ก็ดี") == ["tokyo", "東", "京", "タ", "ワ", "ー", "ก็", "ดี"]
    assert tokens("हिन्दी में") == ["हिन्दी", "में"]
    assert tokens(" .,! ") == []


def test_a_score_counts_repeated_tokens_as_often_as_they_stand_in_both() -> None:
    assert score("a a a b", "a a c d") == Score(2 / 4, 2 / 4, 0.5)
    assert score("one two three four", "One, two.") == Score(0.5, 1.0, 2 / 3)
    assert score("Two ONE", "one two") == Score(1.0, 1.0, 1.0)


def test_a_page_without_output_or_without_agreement_scores_nothing() -> None:
    assert [score("", "gold"), score("text", "gold"), score("...", "gold"), score("", "")] == [Score(0.0, 0.0, 0.0)] * 4


def test_snippets_are_found_whatever_the_white_space_but_not_across_letters_or_case() -> None:
    text = "Die Masse\n  eines Körpers.\tEnde"
    assert snippets_found(text, ["Masse eines  Körpers", "Körpers. Ende", "die masse", "Masseeines"]) == 2


def test_a_line_counts_when_it_stands_alone_whatever_marks_it() -> None:
    gold = (
        "Short one\n\nThe first line of five words.\nThe second line of five words.\n"
        "The third, lost in a paragraph.\n\nThe fourth, cut in two lines."
    )
    text = (
        "1. The first line of five words\n- the second line of five words\n"
        "Before it: The third, lost in a paragraph.\nThe fourth, cut\nin two lines."
    )
    assert line_share(text, gold) == 2 / 4
    assert line_share("", gold) == 0.0
    assert line_share(text, "Short one\nShort two") is None


HTML = """<nav><ul><li>Home</li><li>A menu item with many more words</li></ul></nav>
<p>A paragraph with <b>bo</b>ld words in it.</p><p>Two lines<br>that are no one line</p>
<ul><li>The first item of the list</li><li><p>A paragraph inside of an item</p></li></ul>
<table><tr><td>Name of one</td><td>its value is</td><td>12</td></tr><tr><td>a cell alone, that is layout</td></tr></table>
<pre>def f():
    return one + two

print(f())</pre>"""
BLOCKS = [
    Block("p", ("A paragraph with bold words in it.",)),
    Block("p", ("A paragraph inside of an item",)),
    Block("li", ("Home",)),
    Block("li", ("A menu item with many more words",)),
    Block("li", ("The first item of the list",)),
    Block("tr", ("Name of one its value is 12",)),
    Block("pre", ("def f():", "    return one + two", "print(f())")),
]


def test_blocks_are_the_innermost_elements_of_one_line_and_preformatted_lines() -> None:
    assert read_blocks(gold_page("1", html=HTML)) == BLOCKS
    assert read_blocks(gold_page("2", html="")) == []


def test_blocks_the_gold_lacks_are_not_wanted_and_those_run_together_are_kept_but_not_on_their_own() -> None:
    gold = " ".join(line for block in BLOCKS if block != BLOCKS[3] for line in block.lines)
    good = (
        "A paragraph with bold words in it.\nA paragraph inside of an item\n"
        "- The first item of the list\n| Name of one | its value is | 12 |"
    )
    assert blocks_kept(good + "\ndef f():\n    return one + two\nprint(f())", gold, BLOCKS) == {
        "p": Kept(2, 2, 2),
        "li": Kept(1, 1, 1),
        "tr": Kept(1, 1, 1),
        "pre": Kept(1, 1, 1),
    }
    assert blocks_kept(good.replace("\n", " ") + "\ndef f(): return one + two print(f())", gold, BLOCKS) == {
        "p": Kept(2, 2, 0),
        "li": Kept(1, 1, 0),
        "tr": Kept(1, 1, 0),
        "pre": Kept(1, 1, 0),
    }
    assert blocks_kept("A paragraph", gold, BLOCKS[:1]) == {"p": Kept(1, 0, 0)}


def test_pages_of_one_site_are_in_one_half_and_both_halves_are_used() -> None:
    assert {site_of(url) for url in ("http://news.bbc.co.uk/1", "https://www.bbc.co.uk/2")} == {"bbc.co.uk"}
    assert site_of("no url") == "no url"
    assert [half_of(f"site{n}.example") for n in range(6)] == ["tuning", "held-out", "tuning", "tuning", "held-out", "tuning"]


def test_agreement_is_averaged_over_pages_and_compared_with_the_first_variant() -> None:
    pages = [gold_page("1", gold="a b", site="x.example"), gold_page("2", gold="c d", site="y.example")]
    results = {
        "first": {"1": extracted("a b", "a b"), "2": extracted("", "c d")},
        "second": {"1": extracted("a b x x", "a b"), "2": extracted("c d", "c d")},
    }
    first, second = agreement(pages, results)
    assert first == {
        "variant": "first",
        "pages": 2,
        "empty": 1,
        "recall": 0.5,
        "precision": 0.5,
        "F1": 0.5,
        "median F1": 0.5,
        "less": 0.0,
        "low": 0.0,
        "high": 0.0,
    }
    assert (second["precision"], second["recall"], second["empty"]) == (0.75, 1.0, 0)
    assert [second["less"], second["low"], second["high"]] == [pytest.approx(1 / 3), pytest.approx(-1 / 3), pytest.approx(1.0)]
    assert agreement([], results) == []


def test_an_interval_draws_whole_sites_and_never_changes() -> None:
    assert interval([[1.0] * 10]) == (1.0, 1.0)
    uneven = [[n**1.5] for n in range(9)]
    assert interval(uneven) == interval(uneven)
    low, high = interval([[0.0], [1.0]] * 8)
    assert 0.2 <= low <= 0.3 and 0.7 <= high <= 0.8  # 0.5 -+ 1.96 * 0.5 / sqrt(16)
    assert interval([[0.0] * 50, [1.0] * 50]) == (0.0, 1.0)


def test_groups_too_small_to_speak_of_are_left_out() -> None:
    pages = [gold_page(str(n), gold="a", language="de" if n < 10 else None if n < 21 else "fr") for n in range(25)]
    results = {"v": {page.id: extracted("a" if page.language else "a b", "a") for page in pages}}
    rows = means(pages, results, key=lambda page: page.language, value=lambda page, one: one.score.precision)
    assert rows == [{"group": "unknown", "pages": 11, "v": 0.5}, {"group": "de", "pages": 10, "v": 1.0}]


def test_snippets_wanted_and_unwanted_are_counted_apart() -> None:
    pages = [gold_page("1", wanted=("one two",)), gold_page("2", wanted=("three",))]
    results = {"v": {"1": extracted("one\ntwo Menu", ""), "2": extracted("Log in Menu", "")}}
    assert snippets(pages, results) == [
        {"variant": "v", "pages": 2, "wanted": 2, "found": 0.5, "unwanted": 4, "found all the same": 0.75}
    ]


def test_a_table_is_markdown_with_four_decimals() -> None:
    assert markdown([{"variant": "v", "pages": 2, "F1": 0.5, "low": None}]) == (
        "| variant | pages | F1 | low |\n| --- | --- | --- | --- |\n| v | 2 | 0.5000 | None |"
    )
