"""Describe the elements around each block: their tags and classes, what else they hold, and other elements of their kind."""

import numpy as np

from udfs.blocks import attributes, prose, tags
from udfs.blocks.attributes import ClassWords
from udfs.blocks.block_sums import Rows, Sums, named, ratios
from udfs.blocks.page import Page

# What the features say about the elements around a block: each is counted. A byte each, eight to an integer.
AROUND = (
    ("nav", "nav menu"), ("header", "header"), ("footer", "footer"), ("aside", "aside"),
    ("form", "form fieldset"), ("table", "table"), ("article", "article"), ("main", "main"),
    ("section", "section"), ("ul", "ul dir"), ("ol", "ol"), ("li", "li"),
    ("figure", "figure figcaption"), ("dl", "dl"), ("pre", "pre listing xmp"), ("quote", "blockquote"),
    ("h", "h1 h2 h3 h4 h5 h6"), ("p", "p"), ("dialog", "dialog"), ("details", "details"),
    ("tr", "tr"), ("td", "td th"), ("noscript", "noscript"), ("div", "div"),
)  # fmt: skip
LEVELS = 6
_IN = [f"in{level}" for level in range(LEVELS)]
_BODY = tags.marked("html body")
_SIGNATURE = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


def _around_flags() -> np.ndarray:
    table = np.zeros((len(tags.NAMES), 3), dtype=np.uint64)
    for place, (_, names) in enumerate(AROUND):
        table[list(tags.ids_of(*names.split())), place // 8] |= np.uint64(1 << (8 * (place % 8)))
    return table


_AROUND_FLAGS = _around_flags()


def describe_elements(page: Page, words: ClassWords, sums: Sums) -> Rows:
    """Describe the elements around each block: the innermost, then each that holds more blocks than the one before."""
    outline, count = page.outline, len(page.begin)
    blocks_before = np.searchsorted(page.gap, np.arange(len(outline.gap_tag) + 1))
    first, last = blocks_before[outline.element_first], blocks_before[outline.element_last]
    stated = np.zeros((len(outline.element_tag), attributes.WORDS + 1), dtype=np.uint64)
    plain = np.flatnonzero(~_BODY[outline.element_tag])
    plain = plain[(plain > 0) & (first[plain] < last[plain])]  # no block asks about the others
    stated[plain] = words.flags(page.tokens, outline.element_open[plain])
    inner = outline.gap_element[page.gap]
    rows = _around(page, stated, inner)
    rows |= _same_kind(page, stated, inner, sums)
    rows |= prose.holders(first, last, sums.before[3], sums.before[0])
    rows["around_panel"] = _around_panels(page)
    parent = outline.element_parent
    widest = _widest(parent, first, last)
    element = np.empty((LEVELS, count), dtype=np.int64)
    element[0] = widest[inner]
    for level in range(1, LEVELS):
        element[level] = widest[parent[element[level - 1]]]
    return rows | _within(sums, first[element], last[element]) | named({"tag": outline.element_tag[element]}, _IN)


def _within(sums: Sums, first: np.ndarray, last: np.ndarray) -> Rows:
    """Describe elements by the blocks in them: tables of one row a level."""
    total = sums.over(first, last)
    size: np.ndarray = np.maximum(last - first, 1)
    tables = ratios(total) | {"words": total[0], "part": total[0] / max(int(sums.before[0, -1]), 1), "blocks": size}
    tables |= {"words_a_block": total[0] / size, "images": total[6] / size, "headings": total[5] / size}
    tables["long_part"] = total[3] / max(int(sums.before[3, -1]), 1)
    tables["place"] = (np.arange(first.shape[1]) - first) / size
    return named(tables, _IN)


def _widest(parent: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return, for each element, the outermost one that holds the same blocks (up to 64 levels up)."""
    same = (first == first[parent]) & (last == last[parent])
    up = np.where(same, parent, np.arange(len(parent)))
    for _ in range(6):
        up = up[up]
    return up


def _around(page: Page, stated: np.ndarray, inner: np.ndarray) -> Rows:
    """Count the elements around each block by tag and by words in their classes."""
    outline = page.outline
    flags = np.concatenate((stated[:, : attributes.WORDS], _AROUND_FLAGS[outline.element_tag]), axis=1)
    flags[0] = 0
    change = np.zeros((len(outline.gap_tag) + 1, flags.shape[1]), dtype=np.uint64)
    change[outline.element_first[1:]] += flags[1:]
    change[outline.element_last[1:]] -= flags[1:]
    around = np.cumsum(change, axis=0)[page.gap]
    own = stated[:, : attributes.WORDS]
    near = own[inner] | own[outline.element_parent[inner]]
    counted = _bytes_of(around)
    names = [*attributes.NAMES, *(name for name, _ in AROUND)]
    rows = {f"around_{name}": values for name, values in zip(names, counted, strict=True)}
    rows |= {f"near_{name}": values for name, values in zip(attributes.NAMES, _bytes_of(near), strict=True)}
    rows["depth"] = counted[len(attributes.NAMES) :].sum(axis=0, dtype=np.int64)
    return rows


def _around_panels(page: Page) -> np.ndarray:
    """Count the hidden panels around each block."""
    outline = page.outline
    panel = np.flatnonzero(np.isin(page.tokens.start[outline.element_open[1:]], page.panels)) + 1
    change = np.zeros(len(outline.gap_tag) + 1, dtype=np.int64)
    np.add.at(change, outline.element_first[panel], 1)
    np.add.at(change, outline.element_last[panel], -1)
    around: np.ndarray = np.cumsum(change)[page.gap]
    return around


def _bytes_of(packed: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(packed).astype("<u8").view(np.uint8).T


def _same_kind(page: Page, stated: np.ndarray, inner: np.ndarray, sums: Sums) -> Rows:
    """Compare each block with all blocks of the page in elements of the same tag and classes."""
    outline = page.outline
    own = stated[:, attributes.WORDS] * _SIGNATURE[0] + outline.element_tag.astype(np.uint64) + np.uint64(1)
    parent = outline.element_parent
    family = own * _SIGNATURE[1] ^ own[parent] ^ own[parent[parent]] * _SIGNATURE[0]
    words = page.counts["words"]
    rows: Rows = {}
    single = np.diff(sums.before, axis=1)
    for name, signature in (("kind", own[inner]), ("family", family[inner])):
        _, group = np.unique(signature, return_inverse=True)
        size = np.bincount(group)
        total, linked, long = (np.bincount(group, weights=single[row]) for row in (0, 1, 3))
        rows[f"{name}_size"] = size[group]
        rows[f"{name}_words"] = (total / size)[group]
        rows[f"{name}_linked"] = (linked / np.maximum(total, 1))[group]
        rows[f"{name}_long"] = (long / np.maximum(total, 1))[group]
        rows[f"{name}_part"] = (total / max(int(words.sum()), 1))[group]
    return rows
