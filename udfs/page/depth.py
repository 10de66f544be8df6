"""Take the tags of elements away that stand too deep, as browsers do, and attributes beyond the thousandth: parsers would take ages.

libxml2, below trafilatura, drops everything from the 256th level on, without an error. Resiliparse's time grows with the square of
the depth: 20,000 levels cost 22 s. Blink and WebKit put what stands deeper than 512 levels beside the 512th. Both parsers compare each
attribute of a tag with all before it: 100,000 cost 14 s.
"""

import re
from itertools import islice
from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from udfs.page.tags import RAW, VOID, tags

MAX_LEVELS = 100  # of elements that keep their tags
SUSPECT_LEVELS = 150  # of the estimate, from which on tags are looked at one by one
MAX_ATTRIBUTES = 1000  # of a tag
LONG_TAG = 20_000  # characters without a "<", from which on the attributes of a tag are counted
_LONG = re.compile(rf"<[a-zA-Z][^<>]{{{LONG_TAG},}}+>")
_ATTRIBUTE = re.compile(r"[^\s=\"'/<>]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'>]*+))?")

_FORMATTING = frozenset(
    {"a", "b", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "nobr", "q", "s", "samp", "small"}
    | {"strike", "strong", "sub", "sup", "tt", "u", "var"}
)
_OPAQUE = RAW - {"noscript"}  # parsers that run no scripts find elements in that
# Where these begin or end, no line does.
_WITHIN_LINES = _FORMATTING | {"abbr", "acronym", "span", "label", "table", "tbody", "thead", "tfoot", "tr", "svg", "math"}
# The elements that a start tag closes, if they stand right before it.
_CLOSES = {
    "li": ("li",),
    "option": ("option",),
    "p": ("p",),
    "tr": ("td", "th", "tr"),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
}


def flattened(text: str) -> tuple[str, int]:
    """Return a page without the tags of elements deeper than MAX_LEVELS, and how many start tags went; their text stays.

    Of a tag that is longer than LONG_TAG the first MAX_ATTRIBUTES attributes stay.

    A block becomes a paragraph. A page of 100 kB costs 0.1 ms, one that could be deep 5 ms.

    >>> flattened("<div>" * 3 + "deep")
    ('<div><div><div>deep', 0)
    """
    page = text.encode("utf-8", "replace")
    places = _places(page)
    if np.diff(places, append=len(page)).max(initial=0) > LONG_TAG:
        text = _LONG.sub(_with_few_attributes, text)
    if _estimated(page, places) <= SUSPECT_LEVELS:
        return text, 0
    page = _without_scripts(page)
    if _estimated(page, _places(page)) <= SUSPECT_LEVELS:
        return text, 0
    stack = _Stack()
    parts: list[str] = []
    done = cut = 0
    broken = False  # a block began or ended, and no text has come since
    for tag, name in tags(text, raw=_OPAQUE):
        if name in VOID or name in _OPAQUE:
            continue
        if tag["closing"]:
            gone = stack.close(name)
        else:
            gone = stack.open(name)
            cut += gone
        if not gone:
            broken = False
            continue
        parts.append(text[done : tag.start()])
        done = tag.end()
        broken = broken or name not in _WITHIN_LINES
        if broken and text[done : done + 80].lstrip()[:1] not in ("", "<"):
            parts.append("<p>")
            broken = False
    return ("".join((*parts, text[done:])), cut) if cut else (text, 0)


def _places(page: bytes) -> NDArray[np.int64]:
    """Return where each "<" stands."""
    return np.flatnonzero(np.frombuffer(page, dtype=np.uint8) == ord("<"))


def _with_few_attributes(tag: re.Match[str]) -> str:
    """Return a start tag without the attributes beyond MAX_ATTRIBUTES."""
    beyond = next(islice(_ATTRIBUTE.finditer(tag[0]), MAX_ATTRIBUTES + 1, None), None)  # the first that is found is the name
    return tag[0] if beyond is None else f"{tag[0][: beyond.start()]}>"


class _Stack:
    """The open elements: each a name, and whether its tags stay. A formatting element is closed alone, any other with all inside."""

    def __init__(self) -> None:
        self._open: list[tuple[str, bool]] = []
        self._places: dict[str, list[int]] = {}
        self._closed: set[int] = set()
        self._levels = 0

    def open(self, name: str) -> bool:
        """Push an element; return whether its tag is to go."""
        while self._open and self._open[-1][0] in _CLOSES.get(name, ()):
            self._pop()
        stays = self._levels < MAX_LEVELS
        self._places.setdefault(name, []).append(len(self._open))
        self._open.append((name, stays))
        self._levels += stays
        return not stays

    def close(self, name: str) -> bool:
        """Close the innermost element of that name, if there is one; return whether its tag is to go."""
        places = self._places.get(name)
        if not places:
            return False
        stays = self._open[places[-1]][1]
        if name in _FORMATTING:
            self._closed.add(places.pop())
            self._levels -= stays
            return not stays
        place = places[-1]
        while len(self._open) > place:
            self._pop()
        return not stays

    def _pop(self) -> None:
        place = len(self._open) - 1
        name, stays = self._open.pop()
        if place in self._closed:
            self._closed.discard(place)
            return
        self._places[name].pop()
        self._levels -= stays


# What a start tag adds to the estimate by the first two letters of its name. Elements without an end tag, and those whose end tags
# are often left out, add nothing; their parents do it for them.
_NOTHING = {name[:2].ljust(2) for name in VOID - {"area", "embed"}} | {
    "li",
    "dt",
    "dd",
    "td",
    "th",
    "tr",
    "p ",
    "op",
    "tb",
    "tf",
}
_ONE_LETTER = "abiqsu"  # other letters alone are of programs: i<n
_MORE = {"ta": 5, "ul": 3, "ol": 3, "dl": 3}


def _weights() -> NDArray[np.int8]:
    table = np.zeros((256, 256), dtype=np.int8)
    for first in ascii_lowercase:
        for second in range(256):
            letter = chr(second).lower()
            pair = first + (letter if letter in ascii_lowercase else "-" if letter in "-:_.0123456789" else " ")
            weight = 0 if pair in _NOTHING or (pair[1] == " " and first not in _ONE_LETTER) else _MORE.get(pair, 1)
            table[second, ord(first)] = table[second, ord(first.upper())] = weight
    return np.concatenate((table, -table)).reshape(-1)


_WEIGHTS = _weights()


def _without_scripts(page: bytes) -> bytes:
    """Cut scripts out: they are full of signs that begin no tag."""
    lower, parts, done = page.lower(), [], 0
    while (start := lower.find(b"<script", done)) >= 0:
        parts.append(page[done:start])
        end = lower.find(b"</script", start)
        if end < 0:
            return b"".join(parts)
        done = end
    return b"".join((*parts, page[done:]))


def _estimated(page: bytes, places: NDArray[np.int64]) -> int:
    """Estimate how deep a page is, given each "<": rather too much than too little, start tags less end tags."""
    if len(page) < 4:
        return 0
    places = places[: np.searchsorted(places, len(page) - 3)]
    tags_begin = (
        np.ndarray((len(page) - 3,), dtype="<u4", buffer=page, strides=(1,))[places] >> 8
    )  # three letters, the first lowest
    closing = tags_begin & 255 == ord("/")
    pairs = np.where(closing, tags_begin >> 8 | 1 << 16, tags_begin & 0xFFFF)
    weights = _WEIGHTS.take(pairs)
    levels = np.cumsum(weights, dtype=np.int32)
    if levels.max(initial=0) - levels.min(initial=0) <= SUSPECT_LEVELS:
        return int(levels.max(initial=0) - levels.min(initial=0))
    return int((levels - np.minimum.accumulate(np.minimum(levels, 0))).max(initial=0))
