"""Rules about headings: one comes back before what it heads, and one that heads nothing but links at the end goes."""

import numpy as np

from udfs.blocks import tags
from udfs.blocks.choice import PROBABILITY_ONE
from udfs.blocks.page import Page

MIN_PROBABILITY = PROBABILITY_ONE // 10
MAX_LINKED = 0.5  # of a heading, and of what follows it
MIN_LINKED = 0.8  # of the dropped blocks behind the last heading, by words
MAX_WORDS = 8  # of a line with a colon that stands for a heading
REACH = 40  # blocks
LEVELS = 4  # elements that a heading may stand in alone
_LEVEL = np.zeros(len(tags.NAMES), dtype=np.int64)
for _level in range(1, 7):
    _LEVEL[tags.IDS[f"h{_level}"]] = _level


def with_headings(page: Page, kept: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return the kept blocks with the headings, but the page's first, right before a kept block of the element around them."""
    outline = page.outline
    element, parent = outline.gap_element[page.gap], outline.element_parent
    level, linked = _LEVEL[outline.element_tag[element]], page.linked_share
    found = (level > 1) & ~kept & (probability >= MIN_PROBABILITY) & (linked <= MAX_LINKED)
    found[-1:] = False
    follows = kept & (level == 0) & (linked < MAX_LINKED)
    found[:-1] &= follows[1:]
    here = np.flatnonzero(found)
    around, behind = parent[element[here]], element[here + 1]
    beside = (around == behind) | (around == parent[behind]) | (around == parent[parent[behind]])
    mended: np.ndarray = kept.copy()
    mended[here[beside]] = True
    return mended


def end_without_lists(page: Page, kept: np.ndarray) -> np.ndarray:
    """Return the kept blocks without the last, if it heads dropped blocks that are links; and so on with the one before it."""
    level, linked = _LEVEL[page.outline.element_tag[page.outline.gap_element[page.gap]]], page.linked_share
    words, mended = page.counts["words"], kept.copy()
    for place in np.flatnonzero(kept)[::-1].tolist():
        is_line = words[place] <= MAX_WORDS and page.plain(place).rstrip(" \n\t\r").endswith(":")
        if not (level[place] or is_line) or linked[place] > MAX_LINKED:
            break
        behind = slice(place + 1, min(_next_heading(level, place), _end_around(page, place), place + 1 + REACH))
        total = int(words[behind].sum())
        if total == 0 or (linked[behind] * words[behind]).sum() < MIN_LINKED * total:
            break
        mended[place] = False
    return mended


def _next_heading(level: np.ndarray, place: int) -> int:
    """Return where the next heading of no lower rank stands, or the end."""
    rank = max(int(level[place]), 1)
    following = np.flatnonzero((level[place + 1 :] > 0) & (level[place + 1 :] <= rank))
    return place + 1 + int(following[0]) if len(following) else len(level)


def _end_around(page: Page, place: int) -> int:
    """Return where the first element around a block ends that holds blocks behind it."""
    outline = page.outline
    element = int(outline.gap_element[page.gap[place]])
    for _ in range(LEVELS):
        element = int(outline.element_parent[element])
        end = int(np.searchsorted(page.gap, outline.element_last[element]))
        if end > place + 1:
            return end
    return place + 1
