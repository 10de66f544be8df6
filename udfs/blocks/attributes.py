"""What an element's attributes say: words in its class, id and role, and whether a browser shows it at all."""

import re
import zlib
from typing import TypeVar

import numpy as np

from udfs.blocks.tokens import Tokens

T = TypeVar("T")

# Each group of words is one feature; a word belongs to a group if it contains one of the stems.
GROUPS = (
    ("comment", "comment disqus repl discuss respon"),
    ("sidebar", "sidebar rail widget aside complement"),
    ("footer", "foot"),
    ("header", "header masthead topbar banner"),
    ("menu", "menu nav crumb dropdown tabs"),
    ("related", "relat recommend similar also trend popular upsell crosssell latest more"),
    ("share", "share social follow newsletter subscri signup"),
    ("notice", "cookie consent gdpr modal popup overlay toast dialog drawer offcanvas"),
    ("advert", "advert sponsor promo"),
    ("content", "content article entry story body main text prose markdown rich"),
    ("post", "post message thread topic answer question"),
    ("product", "product price cart sku buy review rating shop"),
    ("meta", "meta byline author date tag categor caption credit info detail time"),
    ("hidden", "hidden hide reader invisible collaps skip"),
    ("card", "card tile grid list item slide carousel swiper gallery"),
    ("search", "search filter facet sort paginat pager toolbar login form"),
    ("title", "title heading headline hero lead intro summar descri excerpt"),
    ("author", "author bio profile avatar user member"),
    ("accordion", "accordion faq tab panel toggle"),
    ("contents", "toc contents index"),
    ("legal", "legal copyright privacy terms policy licen"),
    ("quote", "quote testimonial rating star"),
    ("contact", "contact address phone location map hours"),
    ("more", "readmore loadmore viewall cta btn button link"),
)
NAMES = tuple(name for name, _ in GROUPS)
WORDS = len(GROUPS) // 8  # 64-bit integers that hold a byte a group
MAX_REMEMBERED = 50_000
FIRST = 3  # letters by which a stem is looked up; no stem is shorter
_LEAST_TAG = 8  # bytes: a shorter one has no room for an attribute
_STEMS: dict[str, list[tuple[str, int]]] = {}
for _place, (_, _stems) in enumerate(GROUPS):
    for _stem in _stems.split():
        _STEMS.setdefault(_stem[:FIRST], []).append((_stem, 1 << (8 * _place)))
_LETTERS = bytes(code | 32 if chr(code).isalpha() and code < 128 else code if code > 127 else 32 for code in range(256))
_STATED = re.compile(rb" (?:class|id|role|itemprop)=\"([^\"]{0,400})")  # a space, not \s: it is found twice as fast
_HIDING = re.compile(
    rb"\s(?:style=\"[^\"]*?(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))|hidden=\"(?!until-found)|popover=\")",
    re.IGNORECASE,
)
# A hidden element that a reader opens, such as a tab or the answer below a question. Its text belongs to the page as a shown one's does.
_PANEL = re.compile(
    rb"\srole=\"(?:tabpanel|region)\""
    rb"|\s(?:class|id)=\"[^\"]*?(?:accordion|tab[-_]{0,2}(?:pan|content)|faq|answer|collaps|expand|spoiler|read-?more)",
    re.IGNORECASE,
)
_STREAMED = re.compile(rb"\sid=\"S:[0-9a-f]+\"")  # React sends late parts of a page so, and shows them at once
_HIDING_WORDS = (b" style=", b" hidden=", b" popover=")
_BLOCK_STYLE = re.compile(rb"\sstyle=\"[^\"]*?display\s*:\s*(?:block|flex|grid|table)\b", re.IGNORECASE)
_LINE_CLASS = re.compile(rb"\sclass=\"(?:[^\"]*?[\s-])?line(?=[\s\"])")
_OPEN = re.compile(rb"\sopen(?:=|\s|$)")


class ClassWords:
    """Turn tags into packed flags of word groups; remembers what it saw, and gives the same answer whatever that was."""

    def __init__(self) -> None:
        self._tags: dict[bytes, bytes] = {}
        self._stated: dict[bytes, bytes] = {}
        self._words: dict[bytes, int] = {}

    def flags(self, tokens: Tokens, opens: np.ndarray) -> np.ndarray:
        """Return four 64-bit integers an opening tag: a byte of 0 or 1 for each of the 24 groups, and a hash of its classes."""
        begins, ends = tokens.start[opens], tokens.end[opens]
        telling = np.flatnonzero(ends - begins >= _LEAST_TAG)
        data, known, look = tokens.data, self._tags, self._look
        tags = [data[begin:end] for begin, end in zip(begins[telling].tolist(), ends[telling].tolist(), strict=True)]
        rows = b"".join([known.get(tag) or look(tag) for tag in tags])
        found = np.zeros((len(opens), WORDS + 1), dtype=np.uint64)
        found[telling] = np.frombuffer(rows, dtype="<u8").reshape(-1, WORDS + 1)
        return found

    def _look(self, tag: bytes) -> bytes:
        """Return a tag's row of integers, as bytes of the lowest first."""
        stated = b" ".join(_STATED.findall(tag)).translate(_LETTERS)
        row = self._stated.get(stated)
        if row is None:
            flags, words = 0, self._words
            for word in stated.split():
                hits = words.get(word)
                flags |= self._word(word) if hits is None else hits
            row = (zlib.crc32(stated) << (64 * WORDS) | flags).to_bytes(8 * (WORDS + 1), "little")
            _remember(self._stated, stated, row)
        return _remember(self._tags, tag, row)

    def _word(self, word: bytes) -> int:
        flags = 1 << (8 * NAMES.index("advert")) if word in (b"ad", b"ads") else 0
        text = word.decode("latin-1")
        for place in range(len(text) - FIRST + 1):
            for stem, flag in _STEMS.get(text[place : place + FIRST], ()):
                if text.startswith(stem, place):
                    flags |= flag
        return _remember(self._words, word, flags)


def _remember(memory: dict[bytes, T], key: bytes, value: T) -> T:
    if len(memory) >= MAX_REMEMBERED:
        memory.clear()
    memory[key] = value
    return value


def hidden_tags(tokens: Tokens, *, dialog: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the opening tags that a browser does not show, and of those that it shows once a reader opens them.

    A style, an attribute, or a closed dialog hides an element.
    """
    hidden, panels = set(), set()
    for tag in _tags_with(tokens, _HIDING_WORDS, _HIDING):
        ends = int(tokens.start[tag]), int(tokens.end[tag])
        if _PANEL.search(tokens.data, *ends):
            panels.add(tag)
        elif not _STREAMED.search(tokens.data, *ends):
            hidden.add(tag)
    for tag in np.flatnonzero((tokens.tag == dialog) & (tokens.step == 1)).tolist():
        if not _OPEN.search(tokens.data[tokens.start[tag] : tokens.end[tag]]):
            hidden.add(tag)
    return np.array(sorted(hidden), dtype=np.int64), np.array(sorted(panels), dtype=np.int64)


def block_styled_tags(tokens: Tokens) -> np.ndarray:
    """Return the numbers of opening tags whose style makes a block of them."""
    return np.array(sorted(_tags_with(tokens, (b"display",), _BLOCK_STYLE)), dtype=np.int64)


def line_classed_tags(tokens: Tokens) -> np.ndarray:
    """Return the numbers of opening tags whose class calls them a line, such as `token-line`."""
    return np.array(sorted(_tags_with(tokens, (b'line"', b"line "), _LINE_CLASS)), dtype=np.int64)


def _tags_with(tokens: Tokens, words: tuple[bytes, ...], pattern: re.Pattern[bytes]) -> set[int]:
    """Return the opening tags that hold one of the words and match the pattern: words are found much faster."""
    places = []
    for word in words:
        place = tokens.data.find(word)
        while place >= 0:
            places.append(place)
            place = tokens.data.find(word, place + 1)
    if not places:
        return set()
    at = np.array(places)
    tags = np.searchsorted(tokens.start, at) - 1
    inside = (tags >= 0) & (at < tokens.end[tags]) & (tokens.step[tags] == 1)
    return {
        tag for tag in set(tags[inside].tolist()) if pattern.search(tokens.data, int(tokens.start[tag]), int(tokens.end[tag]))
    }
