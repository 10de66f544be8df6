"""Rules above the model: what a text's structure says about a block where its training pages say nothing."""

from collections.abc import Sequence

import numpy as np

from udfs.blocks import tags
from udfs.blocks.choice import PROBABILITY_ONE
from udfs.blocks.headings import end_without_lists, with_headings
from udfs.blocks.outline import CELL
from udfs.blocks.page import Page

MIN_PROBABILITY = PROBABILITY_ONE // 5  # of a block between kept ones
NEAR = 2  # blocks before and behind code: its file's name may stand there, or a button that copies it
LEVELS = 3  # an aside's paragraph stands three elements below the article
MAX_DIGITS = 9  # of a line's number
MIN_ROWS = 3  # of a table that is kept whole
MIN_TABLE = PROBABILITY_ONE // 4  # mean probability of such a table's words
MIN_BETWEEN = 3 * PROBABILITY_ONE // 20  # of a table's words, or of code, between kept blocks
MAX_LINKED, MAX_LINKED_BETWEEN = 0.5, 0.9  # shares of such a table's characters
CELL_LEVELS = 6  # elements between a row and its table, at most
MIN_LINKED, MIN_LINKED_WORDS = 0.7, 4  # of a paragraph that is little but a link
MAX_PLAIN_LINKED, MIN_PLAIN_WORDS = 0.3, 10  # of the paragraphs around it
MAX_PARTS = 3  # so many plain paragraphs there are for each of them
_CELL = chr(CELL)
_STOPS = np.array([ord(sign) for sign in ".。।"])
_P, _TR, _TABLE = tags.ids_of("p", "tr", "table")


def mend(page: Page, kept: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return the kept blocks, mended.

    1. A fairly probable block between kept blocks of one element comes back. So do code between kept blocks, and the other rows of a
       table of data.
    2. A heading comes back before what it heads. One that heads nothing but links, at the text's end, goes.
    3. Numbers of lines go, and paragraphs between others that are little but a link: they name another page.
    """
    counts = page.counts
    plain = (2 * counts["linked"] < counts["visible"]) & (probability >= MIN_PROBABILITY)
    filled = kept | (plain & between(page, kept))
    filled |= code_between(page, filled, probability)
    filled &= ~line_numbers(page, filled)
    filled |= rows_of_kept_tables(page, filled, probability)
    filled = end_without_lists(page, with_headings(page, filled, probability))
    mended: np.ndarray = filled & ~links_between(page, filled)
    return mended


def between(page: Page, kept: np.ndarray) -> np.ndarray:
    """Say which blocks stand between kept blocks of one element: siblings of theirs, or inside of one."""
    outline = page.outline
    here = np.arange(len(kept))
    element = outline.gap_element[page.gap]
    count = len(outline.element_tag)
    first, last = np.full(count, len(kept)), np.full(count, -1)
    for around in (element, outline.element_parent[element]):
        np.minimum.at(first, around[kept], here[kept])
        np.maximum.at(last, around[kept], here[kept])
    inside = np.zeros(len(kept), dtype=bool)
    for _ in range(LEVELS):
        inside |= (first[element] < here) & (here < last[element])
        element = outline.element_parent[element]
    return inside


def code_between(page: Page, kept: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Say which blocks of preformatted text have a kept block among the NEAR before them, and among the NEAR behind."""
    near = range(1, NEAR + 1)
    surrounded = _kept_at(kept, [-by for by in near]) & _kept_at(kept, near)
    found: np.ndarray = page.outline.preformatted[page.gap] & surrounded & (probability >= MIN_BETWEEN)
    return found


def _kept_at(kept: np.ndarray, steps: Sequence[int]) -> np.ndarray:
    """Say of each block whether a kept one stands at one of these steps from it; there is none beyond the ends."""
    far = max(map(abs, steps))
    none = np.zeros(far, dtype=bool)
    padded = np.concatenate((none, kept, none))  # np.pad takes ten times as long
    found: np.ndarray = np.logical_or.reduce([padded[far + step : far + step + len(kept)] for step in steps])
    return found


def line_numbers(page: Page, kept: np.ndarray) -> np.ndarray:
    """Say which kept blocks of preformatted text are columns that count lines; a program may print other numbers."""
    counts = page.counts
    found = np.zeros(len(kept), dtype=bool)
    numbers = kept & page.outline.preformatted[page.gap] & (counts["digit"] == counts["word"])
    for number in np.flatnonzero(numbers).tolist():
        found[number] = counts_lines(page.plain(number).split())
    return found


def counts_lines(words: Sequence[str]) -> bool:
    """Say whether words, one or more, number lines one after the other, from any line on."""
    if not all(word.isdecimal() and len(word) <= MAX_DIGITS for word in words):
        return False  # Python refuses to read a number of more than 4,300 digits
    numbers = [int(word) for word in words]
    counted = numbers[0] > 0 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return counted and (len(numbers) > 1 or numbers == [1])


def rows_of_kept_tables(page: Page, kept: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Say which rows stand in tables of data of which some row is kept, and which are probable as a whole.

    A table with fields is a form, and one of links a menu. One that stands between kept blocks need be less probable, and its cells
    may be links: manuals name packages and functions so.
    """
    outline, counts = page.outline, page.counts
    element = outline.gap_element[page.gap]
    begins, ends, text = page.begin, page.end, page.text
    rows = np.flatnonzero(outline.element_tag[element] == _TR)
    rows = np.array([row for row in rows.tolist() if text.find(_CELL, int(begins[row]), int(ends[row])) >= 0], dtype=np.int64)
    found = np.zeros(len(kept), dtype=bool)
    if len(rows) == 0 or not kept[rows].any():
        return found
    table = element[rows]
    for _ in range(CELL_LEVELS):
        table = np.where(outline.element_tag[table] == _TABLE, table, outline.element_parent[table])
    size = len(outline.element_tag)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(table, weights=values[rows], minlength=size)

    words, linked, visible = total(counts["words"]), total(counts["linked"]), total(counts["visible"])
    likely = total(counts["words"] * probability)
    whole = (likely >= MIN_TABLE * words) & (linked <= MAX_LINKED * visible)
    first, last = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    first[table[::-1]], last[table] = rows[::-1], rows  # of equal indices the latest counts
    amid = _kept_at(kept, [-1])[first] & _kept_at(kept, [1, 2])[last]
    whole |= amid & (likely >= MIN_BETWEEN * words) & (linked <= MAX_LINKED_BETWEEN * visible)
    whole &= (np.bincount(table, minlength=size) >= MIN_ROWS) & (total(kept) > 0) & (total(counts["inputs"]) == 0)
    found[rows] = whole[table] & (outline.element_tag[table] == _TABLE)
    return found


def links_between(page: Page, kept: np.ndarray) -> np.ndarray:
    """Say which kept paragraphs between two kept ones are little but a link, such as "See also: another page".

    A sentence with a full stop is none of them, and where they are many they are a list.
    """
    counts = page.counts
    linked = page.linked_share
    paragraph = page.outline.element_tag[page.outline.gap_element[page.gap]] == _P
    plain = kept & (linked < MAX_PLAIN_LINKED) & (counts["words"] >= MIN_PLAIN_WORDS)
    found: np.ndarray = kept & paragraph & (linked >= MIN_LINKED) & (counts["words"] >= MIN_LINKED_WORDS)
    found &= ~np.isin(page.last_code, _STOPS)
    found[1:] &= plain[:-1]
    found[:-1] &= plain[1:]
    found[:1] = found[-1:] = False
    if MAX_PARTS * int(found.sum()) > int(plain.sum()):
        found[:] = False
    return found
