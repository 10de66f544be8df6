"""Scores of a text against gold text: what they count, and what they must not be fooled by."""

import pytest

from bench.extraction.score import (
    Block,
    Kept,
    Score,
    blocks_kept,
    line_share,
    read_blocks,
    score,
    snippets_found,
    tokens,
    wcxb_score,
)
from tests.bench.made_gold import gold_page


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


@pytest.mark.parametrize(
    ("column", "read"), [("1\n2\n3", False), ("17 18", False), ("1", True), ("3\n1\n2", True), ("0.1", True)]
)
def test_a_column_that_numbers_lines_is_no_code(column: str, read: bool) -> None:
    assert [block.tag for block in read_blocks(gold_page("1", html=f"<pre>{column}</pre><pre>a = 1</pre>"))] == ["pre"] * (
        1 + read
    )


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


def test_a_heading_counts_from_two_tokens_and_whatever_marks_it() -> None:
    there = read_blocks(gold_page("1", html="<h1>Rope</h1><h3>Old <i>rope</i></h3>"))
    assert there == [Block("heading", ("Rope",)), Block("heading", ("Old rope",))]
    assert blocks_kept("## Old rope\nText", "Rope. Old rope Text", there) == {"heading": Kept(1, 1, 1)}
    assert blocks_kept("Old rope Text", "Rope. Old rope Text", there) == {"heading": Kept(1, 1, 0)}


def test_wcxb_scores_words_in_lower_case_and_an_empty_gold_by_an_empty_text() -> None:
    assert wcxb_score("One two two", "one TWO three") == pytest.approx(2 / 3)
    assert [wcxb_score("", ""), wcxb_score("x", ""), wcxb_score("", "x"), wcxb_score("..", "")] == [1.0, 0.0, 0.0, 1.0]


def test_a_row_whose_first_cell_counts_is_found_as_a_row() -> None:
    row = Block("tr", ("1. San Jose, CA 84.7",))
    gold = "The list: 1. San Jose, CA 84.7 and so on"
    assert blocks_kept("| 1. San Jose, CA | 84.7 |", gold, [row])["tr"] == Kept(1, 1, 1)
