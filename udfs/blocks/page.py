"""A page as blocks of visible text, with the counts that features are made of."""

from dataclasses import dataclass

import numpy as np
from resiliparse.parse.html import HTMLTree

from udfs.blocks import characters, markup, tags
from udfs.blocks.characters import CharacterTable
from udfs.blocks.declared import declared
from udfs.blocks.outline import SOFT_LINE, Outline, divide
from udfs.blocks.tokens import Tokens, read_tokens
from udfs.blocks.visible import VisibleText, visible_text
from udfs.blocks.words import hash_words

_TAGS = np.array(tags.ids_of("a", "br", "img", "input"), dtype=np.uint8)[:, None]
_STEPS = np.array([[1], [0], [0], [0]], dtype=np.int8)  # a link that is closed at once is no link
INLINE = {
    "linked": tags.marked("a"),
    "bold": tags.marked("b strong"),
    "code": tags.marked("code kbd samp"),
    "button": tags.marked("button label"),
}
_INLINE = np.stack(list(INLINE.values())).astype(np.int8)
MAX_TITLE = 300
_MARKS = ("\3", "\4", "\5", "\6")  # of tags inside a block


@dataclass(frozen=True)
class Page:
    """A page's blocks, in order. Arrays of `counts` have one entry a block."""

    text: str  # all visible text; marks stand for tags
    begin: np.ndarray  # where each block begins in the text
    end: np.ndarray
    gap: np.ndarray  # its gap in the outline
    outline: Outline
    tokens: Tokens
    panels: np.ndarray  # where the tags begin that open what a reader opens (visible.py)
    counts: dict[str, np.ndarray]
    words: np.ndarray  # uint32: hashes of the text's words
    first_word: np.ndarray  # of each block; its words are first_word … last_word - 1
    last_word: np.ndarray
    first_code: np.ndarray  # the first and the last visible character of each block
    last_code: np.ndarray
    title: np.ndarray  # uint32: hashes of the words of the page's title
    declared: dict[str, int]  # what the page says of its kind (declared.py)

    @property
    def linked_share(self) -> np.ndarray:
        """Return which share of each block's visible characters stands in links."""
        share: np.ndarray = self.counts["linked"] / np.maximum(self.counts["visible"], 1)
        return share

    def plain(self, block: int) -> str:
        """Return the text of a block without marks of tags."""
        return without_marks(self.text[int(self.begin[block]) : int(self.end[block])])


def without_marks(text: str) -> str:
    """Return text with spaces for the marks of tags. `str.translate` takes twenty times as long."""
    for mark in _MARKS:
        text = text.replace(mark, " ")
    return text.replace("\0", "")


def read_page(html: str, table: CharacterTable) -> Page | None:
    """Parse a page and divide it into blocks; None where nothing is visible. `table` counts characters."""
    return page_of(HTMLTree.parse(html), html, table)


def page_of(tree: HTMLTree, html: str, table: CharacterTable) -> Page | None:
    """Divide a page into blocks, given its source and its tree; None where nothing is visible."""
    tokens = read_tokens(markup.flatten(tree))
    if len(tokens.depth) == 0 or int(tokens.depth.min()) < 0 or int(tokens.depth[-1]) != 0:
        return None
    return _measure(tokens, markup.title(tree)[:MAX_TITLE], declared(html), table)


def _measure(tokens: Tokens, title: str, said: dict[str, int], table: CharacterTable) -> Page | None:
    seen = visible_text(tokens)
    outline = divide(seen)
    if len(outline.gap_tag) == 0:
        return None
    text = seen.data.tobytes().decode("utf-8", "replace").replace("\1", "<").replace("\2", ">")
    codes = characters.codes_of(text)
    place = _character_places(seen, codes)
    bounds = np.append(place[outline.gap_tag], place[-1])  # a gap ends where the next begins
    classes = table.classes[codes].astype(np.intp)
    sums = characters.counts_between(table, classes, bounds)
    gap = np.flatnonzero(characters.hold_words(sums))
    if len(gap) == 0:
        return None
    begin, end = bounds[gap], bounds[gap + 1]
    counts = dict(zip(characters.NAMES, characters.unpack(sums[:, gap]), strict=True))
    is_visible = table.is_visible[classes]
    starts, hashes = hash_words(codes, table.is_word[classes])
    word = np.searchsorted(starts, bounds)
    first_word, last_word = word[gap], word[gap + 1]
    counts["words"] = np.maximum(last_word - first_word, 1) + counts["unspaced"]
    before = _before(is_visible[None])[0, place]
    counts |= _inline_counts(seen.tokens, outline, gap, before)
    visible = np.flatnonzero(is_visible)
    nth = np.append(before[outline.gap_tag], before[-1])  # the first visible character of each gap, among all
    first_code, last_code = codes[visible[nth[gap]]], codes[visible[nth[gap + 1] - 1]]
    named = _title_words(title, table)
    return Page(
        text,
        begin,
        end,
        gap,
        outline,
        seen.tokens,
        seen.panels,
        counts,
        hashes,
        first_word,
        last_word,
        first_code,
        last_code,
        named,
        said,
    )


def _character_places(seen: VisibleText, codes: np.ndarray) -> np.ndarray:
    """Return the numbers of characters before each tag's separator, and of all, where places count bytes."""
    if len(codes) == len(seen.data):
        return seen.place
    separators = np.flatnonzero(codes <= SOFT_LINE)
    if len(separators) == len(seen.place) - 1:
        return np.append(separators, len(codes))
    before = np.zeros(len(seen.data) + 1, dtype=np.int64)
    np.cumsum((seen.data & 0xC0) != 0x80, out=before[1:])
    places: np.ndarray = before[seen.place]
    return places


def _title_words(title: str, table: CharacterTable) -> np.ndarray:
    codes = characters.codes_of(title)
    return hash_words(codes, table.is_word[table.classes[codes]])[1]


def _inline_counts(tokens: Tokens, outline: Outline, gap: np.ndarray, visible: np.ndarray) -> dict[str, np.ndarray]:
    """Count visible characters in links, bold text, code and buttons, and tags, a block; so many are `visible` before each tag."""
    piece = visible[1:] - visible[:-1]  # behind each tag
    bounds = np.append(outline.gap_tag, len(tokens.tag))
    low, high = bounds[gap], bounds[gap + 1]
    inside = np.cumsum(_INLINE[:, tokens.tag] * tokens.step, axis=1, dtype=np.int32) > 0
    marked, found = _before(inside * piece), _before((tokens.tag == _TAGS) & (tokens.step >= _STEPS))
    counts = dict(zip(INLINE, marked[:, high] - marked[:, low], strict=True))
    counts |= dict(zip(("links", "breaks"), found[:2, high] - found[:2, low], strict=True))
    since = found[2:, high]  # images and inputs are those since the last block
    since[:, 1:] -= since[:, :-1]
    return counts | dict(zip(("images", "inputs"), since, strict=True))


def _before(values: np.ndarray) -> np.ndarray:
    """Return the sums of each row's values before each place, and of all."""
    sums = np.zeros((len(values), values.shape[1] + 1), dtype=np.int64)
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
