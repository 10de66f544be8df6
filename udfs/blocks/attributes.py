"""What an element's attributes say: words in its class, id and role, and whether a browser shows it at all."""

import re
import zlib

import numpy as np

from udfs.blocks.tokens import Tokens

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
_NOTHING = (0,) * (WORDS + 1)
_DIGITS = re.compile(rb"[0-9]+")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_STATED = re.compile(rb"\s(?:class|id|role|itemprop)=\"([^\"]{0,400})")
_STYLE = re.compile(rb"\sstyle=\"[^\"]*?(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"\shidden(?:=\"(?!until-found)[^\"]*\")")
_BLOCK_STYLE = re.compile(rb"\sstyle=\"[^\"]*?display\s*:\s*(?:block|flex|grid|table)\b", re.IGNORECASE)
_OPEN = re.compile(rb"\sopen(?:=|\s|$)")


class ClassWords:
    """Turn tags into packed flags of word groups; remembers tags, and gives the same answer whatever it remembers."""

    def __init__(self) -> None:
        self._tags: dict[bytes, tuple[int, ...]] = {}
        self._words: dict[str, int] = {}

    def flags(self, tokens: Tokens, opens: np.ndarray) -> np.ndarray:
        """Return four 64-bit integers an opening tag: a byte of 0 or 1 for each of the 24 groups, and a hash of its classes."""
        data, tags = tokens.data, self._tags
        found = []
        for begin, end in zip(tokens.start[opens].tolist(), tokens.end[opens].tolist(), strict=True):
            if end - begin < 8:  # no room for an attribute
                found.append(_NOTHING)
                continue
            tag = data[begin:end]
            known = tags.get(tag)
            if known is None:
                if len(tags) >= MAX_REMEMBERED:
                    tags.clear()
                known = tags[tag] = self._look(tag)
            found.append(known)
        return np.array(found, dtype=np.uint64).reshape(-1, WORDS + 1)

    def _look(self, tag: bytes) -> tuple[int, ...]:
        bits, stated = 0, _STATED.findall(tag)
        for value in stated:
            for word in _WORD.findall(value.decode("utf-8", "replace")):
                bits |= self._word(word.lower())
        spread = [sum(1 << (8 * place) for place in range(8) if bits >> (8 * half + place) & 1) for half in range(WORDS)]
        return *spread, zlib.crc32(_DIGITS.sub(b"0", b" ".join(stated)))

    def _word(self, word: str) -> int:
        bits = self._words.get(word)
        if bits is None:
            if len(self._words) >= MAX_REMEMBERED:
                self._words.clear()
            hits = (place for place, (_, stems) in enumerate(GROUPS) if any(stem in word for stem in stems.split()))
            bits = self._words[word] = sum(1 << place for place in hits) | (word in ("ad", "ads")) << NAMES.index("advert")
        return bits


def hidden_tags(tokens: Tokens, *, dialog: int) -> np.ndarray:
    """Return the numbers of opening tags that a browser does not show: by style, by attribute, and closed dialogs."""
    found = _tags_with(tokens, b"none", _STYLE) | _tags_with(tokens, b" hidden=", _ATTRIBUTE)
    found |= (
        _tags_with(tokens, b"visibility", _STYLE)
        | _tags_with(tokens, b"VISIBILITY", _STYLE)
        | _tags_with(tokens, b"NONE", _STYLE)
    )
    for tag in np.flatnonzero((tokens.tag == dialog) & (tokens.step == 1)).tolist():
        if not _OPEN.search(tokens.data[tokens.start[tag] : tokens.end[tag]]):
            found.add(tag)
    return np.array(sorted(found), dtype=np.int64)


def block_styled_tags(tokens: Tokens) -> np.ndarray:
    """Return the numbers of opening tags whose style makes a block of them."""
    return np.array(sorted(_tags_with(tokens, b"display", _BLOCK_STYLE)), dtype=np.int64)


def _tags_with(tokens: Tokens, word: bytes, pattern: re.Pattern[bytes]) -> set[int]:
    places, place = [], tokens.data.find(word)
    while place >= 0:
        places.append(place)
        place = tokens.data.find(word, place + 1)
    if not places:
        return set()
    at = np.array(places)
    tags = np.searchsorted(tokens.start, at) - 1
    inside = (tags >= 0) & (at < tokens.end[tags]) & (tokens.step[tags] == 1)
    return {
        tag
        for tag in np.unique(tags[inside]).tolist()
        if pattern.search(tokens.data, int(tokens.start[tag]), int(tokens.end[tag]))
    }
