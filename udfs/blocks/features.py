"""Describe every block of a page by numbers that mean the same in every language.

Every number is an integer, or a quotient of two integers. So it has the same bits on every machine.
"""

import numpy as np

from udfs.blocks import tags
from udfs.blocks.attributes import ClassWords
from udfs.blocks.block_sums import Rows, Sums, named, ratios
from udfs.blocks.elements import describe_elements
from udfs.blocks.page import Page

OWN = ("p", "li", "div", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "dt", "dd", "figcaption")
FAR = 3  # blocks to both sides
REACHES = (2, 5, 12, 30)  # blocks before and behind
_OWN_IDS = np.array(tags.ids_of(*OWN), dtype=np.uint8)[:, None]
_IS_OWN = [f"is_{name}" for name in OWN]
_HEADING = tags.marked("h1 h2 h3 h4 h5 h6")
_P, _H1 = tags.ids_of("p", "h1")
_PAGE_TAGS = ("article", "li", "tr", "pre", "form", "h1", "h2", "h3", "button", "blockquote", "dt", "nav")


def describe(page: Page, words: ClassWords) -> Rows:
    """Return the features of a page's blocks by name, one entry a block each."""
    count = len(page.begin)
    own = _own(page)
    kinds = _kinds(page)
    sums = _sums(page, kinds)
    rows: Rows = dict(own)
    rows |= _neighbours(own, kinds)
    rows |= _windows(sums, count)
    rows |= describe_elements(page, words, sums)
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


def _sums(page: Page, kinds: dict[str, np.ndarray]) -> Sums:
    """Sum words, words of links, of paragraphs, of long unlinked blocks, stops, headings and copies."""
    counts = page.counts
    words = counts["words"]
    linked = np.where(2 * counts["linked"] > counts["visible"], words, 0)
    long = np.where((words >= 15) & (linked == 0), words, 0)
    parts = (words, linked, words * kinds["is_p"], long, counts["stop"], kinds["is_heading"], counts["images"], counts["digit"])
    before = np.zeros((len(parts), len(words) + 1), dtype=np.int64)
    for row, part in enumerate(parts):
        np.cumsum(part, out=before[row, 1:])
    return Sums(before)


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


def _windows(sums: Sums, count: int) -> Rows:
    here, reach = np.arange(count), np.array(REACHES)[:, None]
    total = sums.over(np.maximum(here - reach, 0), np.minimum(here + reach + 1, count))
    return named(ratios(total) | {"words": total[0]}, [f"within{one}" for one in REACHES])


def _position(page: Page, kinds: dict[str, np.ndarray], sums: Sums) -> Rows:
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


def _whole_page(page: Page, sums: Sums, count: int) -> Rows:
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
