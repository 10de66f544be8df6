"""Describe every block of a page by numbers that mean the same in every language.

Every number is an integer, or a quotient of two integers. So it has the same bits on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from udfs.blocks import attributes, prose, tags
from udfs.blocks.attributes import ClassWords
from udfs.blocks.page import Page

Rows = dict[str, np.ndarray]

# What the features say about the elements around a block: each is counted. A byte each, eight to an integer.
AROUND = (
    ("nav", "nav menu"), ("header", "header"), ("footer", "footer"), ("aside", "aside"),
    ("form", "form fieldset"), ("table", "table"), ("article", "article"), ("main", "main"),
    ("section", "section"), ("ul", "ul dir"), ("ol", "ol"), ("li", "li"),
    ("figure", "figure figcaption"), ("dl", "dl"), ("pre", "pre listing xmp"), ("quote", "blockquote"),
    ("h", "h1 h2 h3 h4 h5 h6"), ("p", "p"), ("dialog", "dialog"), ("details", "details"),
    ("tr", "tr"), ("td", "td th"), ("noscript", "noscript"), ("div", "div"),
)  # fmt: skip
OWN = ("p", "li", "div", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "dt", "dd", "figcaption")
LEVELS = 6
FAR = 3  # blocks to both sides
REACHES = (2, 5, 12, 30)  # blocks before and behind
_IN = [f"in{level}" for level in range(LEVELS)]
_OWN_IDS = np.array(tags.ids_of(*OWN), dtype=np.uint8)[:, None]
_IS_OWN = [f"is_{name}" for name in OWN]
_BODY = tags.marked("html body")
_HEADING = tags.marked("h1 h2 h3 h4 h5 h6")
_P, _H1 = tags.ids_of("p", "h1")
_SIGNATURE = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
_PAGE_TAGS = ("article", "li", "tr", "pre", "form", "h1", "h2", "h3", "button", "blockquote", "dt", "nav")


def _around_flags() -> np.ndarray:
    table = np.zeros((len(tags.NAMES), 3), dtype=np.uint64)
    for place, (_, names) in enumerate(AROUND):
        table[list(tags.ids_of(*names.split())), place // 8] |= np.uint64(1 << (8 * (place % 8)))
    return table


_AROUND_FLAGS = _around_flags()


@dataclass(frozen=True)
class _Sums:
    """Sums over all blocks before each place, for sums over any run of blocks."""

    before: np.ndarray  # (what, blocks + 1)

    def over(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        sums: np.ndarray = self.before[:, high] - self.before[:, low]
        return sums


def describe(page: Page, words: ClassWords) -> Rows:
    """Return the features of a page's blocks by name, one entry a block each."""
    count = len(page.begin)
    own = _own(page)
    kinds = _kinds(page)
    sums = _sums(page, kinds)
    rows: Rows = dict(own)
    rows |= _neighbours(own, kinds)
    rows |= _windows(sums, count)
    rows |= _elements(page, words, sums)
    rows |= _position(page, kinds, sums)
    rows |= _whole_page(page, sums, count)
    return rows


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide; 0 where there is nothing to divide by."""
    divided: np.ndarray = part / np.maximum(whole, 1)
    return divided


def _own(page: Page) -> Rows:
    counts = page.counts
    visible, words = counts["visible"], counts["words"]
    shares = np.stack([counts[name] for name in _SHARED]) / np.maximum(visible, 1)
    rows: Rows = {"words": words, "visible": visible, "word_length": share(visible, words)}
    rows |= dict(zip([f"{name}_share" for name in _SHARED], shares, strict=True))
    rows |= {name: counts[name] for name in _COUNTED}
    rows["words_a_stop"] = words / (counts["stop"] + 1)
    rows["words_a_line"] = words / (counts["breaks"] + 1)
    for name, codes in (("first", page.first_code), ("last", page.last_code)):
        rows[f"{name}_code"] = np.minimum(codes, 256)
        rows[f"{name}_is_stop"] = (codes == _STOPS).any(axis=0)
    return rows


_SHARED = ["linked", "bold", "code", "button", "upper", "digit", "stop", "comma", "symbol", "bracket", "unspaced", "lower"]
_COUNTED = ["stop", "comma", "links", "breaks", "images", "inputs", "currency", "at", "symbol", "digit"]
_STOPS = np.array([ord(one) for one in ".!?。！？…؟।።"], dtype=np.uint32)[:, None]


def _kinds(page: Page) -> dict[str, np.ndarray]:
    outline = page.outline
    tag = outline.element_tag[outline.gap_element[page.gap]]
    rows = dict(zip(_IS_OWN, tag == _OWN_IDS, strict=True))
    rows["tag"] = tag
    rows["is_heading"] = _HEADING[tag]
    rows["preformatted"] = outline.preformatted[page.gap]
    return rows


def _sums(page: Page, kinds: dict[str, np.ndarray]) -> _Sums:
    """Sum words, words of links, of paragraphs, of long unlinked blocks, stops, headings and copies."""
    counts = page.counts
    words = counts["words"]
    linked = np.where(2 * counts["linked"] > counts["visible"], words, 0)
    long = np.where((words >= 15) & (linked == 0), words, 0)
    parts = (words, linked, words * kinds["is_p"], long, counts["stop"], kinds["is_heading"], counts["images"], counts["digit"])
    before = np.zeros((len(parts), len(words) + 1), dtype=np.int64)
    for row, part in enumerate(parts):
        np.cumsum(part, out=before[row, 1:])
    return _Sums(before)


def _neighbours(own: Rows, kinds: dict[str, np.ndarray]) -> Rows:
    """Repeat some features of the blocks before (@1) and behind (@-1); -1 where there is no block."""
    rows: Rows = {name: values for name, values in kinds.items() if name != "tag"}
    rows["tag_own"] = kinds["tag"]
    near = {"words": own["words"], "linked": own["linked_share"], "stop": own["stop"], "tag": kinds["tag"]}
    near |= {"last_is_stop": own["last_is_stop"], "heading": kinds["is_heading"], "p": kinds["is_p"]}
    count = len(kinds["tag"])
    for name, values in near.items():
        padded = np.full(count + 2 * FAR, -1.0)
        padded[FAR : FAR + count] = values
        far = FAR if name in ("words", "linked", "tag") else 1
        rows |= {f"{name}@{by}": padded[FAR - by : FAR - by + count] for by in range(-far, far + 1) if by}
    return rows


def _windows(sums: _Sums, count: int) -> Rows:
    here, reach = np.arange(count), np.array(REACHES)[:, None]
    total = sums.over(np.maximum(here - reach, 0), np.minimum(here + reach + 1, count))
    return _named(_ratios(total) | {"words": total[0]}, [f"within{one}" for one in REACHES])


def _ratios(total: np.ndarray) -> Rows:
    shares = total[1:5] / np.maximum(total[0], 1)
    return dict(zip(("linked", "paragraphs", "long", "stops"), shares, strict=True))


def _named(tables: Rows, places: Sequence[str]) -> Rows:
    """Take tables of one row a place apart."""
    return {f"{name}_{place}": row for name, table in tables.items() for place, row in zip(places, table, strict=True)}


def _elements(page: Page, words: ClassWords, sums: _Sums) -> Rows:
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
    return rows | _within(sums, first[element], last[element]) | _named({"tag": outline.element_tag[element]}, _IN)


def _within(sums: _Sums, first: np.ndarray, last: np.ndarray) -> Rows:
    """Describe elements by the blocks in them: tables of one row a level."""
    total = sums.over(first, last)
    size: np.ndarray = np.maximum(last - first, 1)
    tables = _ratios(total) | {"words": total[0], "part": total[0] / max(int(sums.before[0, -1]), 1), "blocks": size}
    tables |= {"words_a_block": total[0] / size, "images": total[6] / size, "headings": total[5] / size}
    tables["long_part"] = total[3] / max(int(sums.before[3, -1]), 1)
    tables["place"] = (np.arange(first.shape[1]) - first) / size
    return _named(tables, _IN)


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


def _same_kind(page: Page, stated: np.ndarray, inner: np.ndarray, sums: _Sums) -> Rows:
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


def _position(page: Page, kinds: dict[str, np.ndarray], sums: _Sums) -> Rows:
    """Say where a block stands: in the page, after headings, beside the long blocks, and what it shares with the title."""
    count = len(page.begin)
    here = np.arange(count)
    words = page.counts["words"]
    total = max(int(words.sum()), 1)
    rows: Rows = {"place": here / count, "words_before": sums.before[0, :-1] / total, "blocks_left": count - here}
    heading = np.maximum.accumulate(np.where(kinds["is_heading"], here, -1))
    rows["after_heading"] = np.where(heading < 0, 999, here - heading)
    rows["heading_tag"] = np.where(heading < 0, 0, kinds["tag"][np.maximum(heading, 0)])
    first_h1 = np.flatnonzero(kinds["tag"] == _H1)
    rows["after_h1"] = here - first_h1[0] if len(first_h1) else np.full(count, -999)
    long = np.flatnonzero((words >= 15) & (2 * page.counts["linked"] <= page.counts["visible"]))
    before, after = np.searchsorted(long, here, side="right"), np.searchsorted(long, here)
    rows["long_before"], rows["long_after"] = before, len(long) - after
    padded = np.concatenate(([-999], long, [count + 999]))
    rows["since_long"], rows["until_long"] = here - padded[before], padded[after + 1] - here
    hashes = _text_hashes(page)
    _, group, copies = np.unique(hashes, return_inverse=True, return_counts=True)
    rows["copies"] = copies[group]
    titled = np.concatenate(([0], np.cumsum(np.isin(page.words, page.title))))
    shared = titled[page.last_word] - titled[page.first_word]
    rows["titled"] = share(shared, page.last_word - page.first_word)
    rows["of_title"] = shared / max(len(page.title), 1)
    return rows


def _text_hashes(page: Page) -> np.ndarray:
    before = np.zeros(len(page.words) + 1, dtype=np.uint64)
    np.cumsum(page.words, out=before[1:], dtype=np.uint64)
    sums: np.ndarray = before[page.last_word] - before[page.first_word]
    return sums


def _whole_page(page: Page, sums: _Sums, count: int) -> Rows:
    total = sums.before[:, -1]
    words = max(int(total[0]), 1)
    facts: dict[str, float] = {"words": words, "blocks": count, "words_a_block": words / count}
    facts |= {"linked": total[1] / words, "paragraphs": total[2] / words, "long": total[3] / words, "stops": total[4] / words}
    facts |= {"headings": total[5] / count, "images": total[6] / count, "digits": total[7] / words}
    found = np.bincount(page.tokens.tag[page.tokens.step > 0], minlength=len(tags.NAMES))
    for name in _PAGE_TAGS:
        facts[f"n_{name}"] = int(found[tags.IDS[name]])
    for name in ("unspaced", "currency", "upper"):
        facts[name] = int(page.counts[name].sum()) / words
    facts["title_words"] = len(page.title)
    facts |= page.declared
    table = np.repeat(np.array(list(facts.values()), dtype=np.float64)[:, None], count, axis=1)
    return {f"page_{name}": row for name, row in zip(facts, table, strict=True)}
