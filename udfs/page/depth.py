"""Take the tags of elements away that stand too deep, as browsers do, so that no parser drops their text or takes ages.

libxml2, below trafilatura, drops everything from the 256th level on, without an error. Resiliparse's time grows with the square of
the depth: 20,000 levels cost 22 s. Blink and WebKit put what stands deeper than 512 levels beside the 512th.
"""

import numpy as np
from numpy.typing import NDArray

from udfs.page.markup import RAW, VOID, tags

MAX_LEVELS = 100  # of elements that keep their tags
SUSPECT_LEVELS = 80  # of the estimate, from which on tags are looked at one by one

_FORMATTING = frozenset(
    {"a", "b", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "nobr", "q", "s", "samp", "small"}
    | {"strike", "strong", "sub", "sup", "tt", "u", "var"}
)
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

    A block becomes a paragraph. A page of 100 kB costs 0.1 ms, one that could be deep 3 ms.

    >>> flattened("<div>" * 3 + "deep")
    ('<div><div><div>deep', 0)
    """
    if _estimated(text) <= SUSPECT_LEVELS:
        return text, 0
    stack = _Stack()
    parts: list[str] = []
    done = cut = 0
    broken = False  # a block began or ended, and no text has come since
    for tag, name in tags(text, raw=RAW - {"noscript"}):
        if name in VOID or name in RAW:
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


def _key(name: str) -> int:
    return int.from_bytes(name[:3].ljust(3, "\0").encode("ascii"), "big")


# By the first three letters of a name. Elements without an end tag, and those whose end tags are often left out, count nothing;
# their parents count for them.
_OFTEN_OPEN = ("li", "dt", "dd", "td", "th", "tr", "p", "option", "tbody", "thead", "tfoot")
_NOTHING = np.array([_key(name) for name in (*sorted(VOID), *_OFTEN_OPEN)])
_MORE = (("table", 4), ("ul", 2), ("ol", 2), ("dl", 2))


def _estimated(text: str) -> int:
    """Estimate how deep a page is, rather too much than too little: start tags less end tags, outside scripts."""
    data = np.frombuffer(text.encode("utf-8", "replace") + b"    ", dtype=np.uint8)
    places = np.flatnonzero(data[:-4] == ord("<")) + 1
    closing = data[places] == ord("/")
    keys = _keys(data, places + closing)
    weights = (keys > 0).astype(np.int64)
    weights[np.isin(keys, _NOTHING)] = 0
    for name, more in _MORE:
        weights[keys == _key(name)] += more
    weights[_in_scripts(keys, closing)] = 0
    levels = np.cumsum(np.where(closing, -weights, weights))
    return int((levels - np.minimum.accumulate(np.minimum(levels, 0))).max(initial=0))


def _keys(data: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the first three letters at each place as a number, 0 where no letter stands."""
    keys = np.zeros(len(places), dtype=np.int32)
    going_on = np.ones(len(places), dtype=np.bool_)
    for nth in range(3):
        letter = data[places + nth] | 32
        going_on &= (letter >= ord("a")) & (letter <= ord("z"))
        keys |= np.where(going_on, letter, 0).astype(np.int32) << (16 - 8 * nth)
    return keys


def _in_scripts(keys: NDArray[np.int32], closing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark what stands between the start and the end tag of a script or style."""
    places = np.arange(len(keys))
    raw = (keys == _key("script")) | (keys == _key("style"))
    opened = np.maximum.accumulate(np.where(raw & ~closing, places, -1))
    closed = np.maximum.accumulate(np.where(raw & closing, places, -1))
    return opened > closed
