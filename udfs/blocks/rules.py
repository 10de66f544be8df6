"""Rules above the model: what a text's structure says about a block where its training pages say nothing."""

import numpy as np

from udfs.blocks.choice import PROBABILITY_ONE
from udfs.blocks.page import Page

MIN_PROBABILITY = PROBABILITY_ONE // 5  # of a block between kept ones
LEVELS = 3  # an aside's paragraph stands three elements below the article


def mend(page: Page, kept: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return the kept blocks, with those between kept ones and without numbers of lines."""
    counts = page.counts
    numbers = page.outline.preformatted[page.gap] & (counts["digit"] == counts["word"])
    plain = (2 * counts["linked"] < counts["visible"]) & (probability >= MIN_PROBABILITY)
    filled = kept | (plain & between(page, kept))
    mended: np.ndarray = filled & ~numbers
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
