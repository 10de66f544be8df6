"""Headings go with what they head."""

import numpy as np

from tests.blocks.reading import read
from udfs.blocks.choice import PROBABILITY_ONE
from udfs.blocks.headings import end_without_lists, with_headings

LIST = "<ul><li><a href=1>Bridge closes for three nights</a><li><a href=2>Seals at the old pier</a></ul>"


def kept_with_headings(html: str, kept: list[int], probability: float = 0.2) -> list[bool]:
    page = read(html)
    mask: list[bool] = with_headings(
        page, np.array(kept, dtype=bool), np.full(len(kept), int(probability * PROBABILITY_ONE))
    ).tolist()
    return mask


def ended(html: str, kept: list[int]) -> list[bool]:
    mask: list[bool] = end_without_lists(read(html), np.array(kept, dtype=bool)).tolist()
    return mask


def test_a_heading_comes_back_before_what_it_heads() -> None:
    section = "<section><div><h2>Storage</h2></div><p>Keep it dry and out of reach.</p></section>"
    assert kept_with_headings("<h2>Storage</h2><p>Keep it dry.", [0, 1]) == [True, True]
    assert kept_with_headings(section, [0, 1]) == [False, True], "it may head the whole section"
    assert kept_with_headings("<section><h2>Storage</h2><div><p>Keep it dry.</p></div></section>", [0, 1]) == [True, True]


def test_other_headings_do_not_come_back() -> None:
    assert kept_with_headings("<h1>The page</h1><p>Keep it dry.", [0, 1]) == [False, True]
    assert kept_with_headings("<h2><a href=x>Storage</a></h2><p>Keep it dry.", [0, 1]) == [False, True]
    assert kept_with_headings("<h2>Storage</h2><p>Keep it dry.", [0, 1], 0.05) == [False, True]
    assert kept_with_headings("<h2>Storage</h2><p>Keep it dry.<p>More", [0, 0, 1]) == [False, False, True]
    assert kept_with_headings("<p>Keep it dry.<h2>Storage</h2>", [1, 0]) == [True, False]
    assert kept_with_headings("<h2>Storage</h2><p><a href=x>Keep it dry.</a>", [0, 1]) == [False, True]
    assert kept_with_headings("<h2>Storage</h2><h3>At sea</h3><p>Keep it dry.", [0, 1, 1]) == [False, True, True]


def test_a_heading_of_dropped_links_at_the_end_goes() -> None:
    assert ended(f"<p>text<h2>More news</h2>{LIST}", [1, 1, 0, 0]) == [True, False, False, False]
    assert ended(f"<p>text<div>More news:</div>{LIST}", [1, 1, 0, 0]) == [True, False, False, False]
    boxed = f"<p>text<aside><div><h2>More news</h2></div>{LIST}</aside><p>We are run by volunteers of all ages."
    assert ended(boxed, [1, 1, 0, 0, 0]) == [True, False, False, False, False]
    assert ended(f"<p>text<h2>More</h2><h3>News</h3>{LIST}", [1, 1, 1, 0, 0]) == [True, False, False, False, False]


def test_other_ends_stay() -> None:
    assert ended(f"<p>text<div>More news</div>{LIST}", [1, 1, 0, 0]) == [True, True, False, False]
    assert ended("<p>text<h2>News</h2><p>no link", [1, 1, 0]) == [True, True, False]
    assert ended(f"<p>text<h2>More news</h2>{LIST}", [1, 1, 1, 0]) == [True, True, True, False]
    assert ended("<p>text<h2>The end</h2>", [1, 1]) == [True, True]
    assert ended(f"<p>text{LIST}", [0, 0, 0]) == [False] * 3
    assert ended(f"<p>text<h2><a href=x>More news</a></h2>{LIST}", [1, 1, 0, 0]) == [True, True, False, False]
    assert ended(f"<p>text<h2>News</h2><h2>Links</h2>{LIST}", [1, 1, 0, 0, 0]) == [True, True, False, False, False]
    sentence = "These are the reports on the harbour that our readers like:"
    assert ended(f"<p>text<div>{sentence}</div>{LIST}", [1, 1, 0, 0]) == [True, True, False, False]
