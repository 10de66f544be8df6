"""Make the table of characters that the blocks model ships, so that every Python's Unicode gives the same counts."""

import re
import unicodedata

import numpy as np

from udfs.blocks.characters import BITS, TABLE_SIZE

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_STOPS = ".!?。！？…؟।։።"
_COMMAS = ",;:、，；：،؛"
_SYMBOLS = "|•·»«›‹→←▼▲►◄×✓★☆—–"
_BRACKETS = "{}[]=<>()_;\\\"'"
_CATEGORIES = {
    "upper": ("Lu", "Lt"),
    "lower": ("Ll",),
    "digit": ("Nd",),
    "currency": ("Sc",),
    "symbol": ("So",),
    "bracket": ("Ps", "Pe", "Sm"),
}


def character_bits() -> np.ndarray:
    """Return the kinds of each character of the basic plane, as bits of characters.BITS (uint16)."""
    return np.array([_bits(chr(code)) for code in range(TABLE_SIZE)], dtype=np.uint16)


def _bits(character: str) -> int:
    category = unicodedata.category(character)
    kinds = {kind for kind, some in _CATEGORIES.items() if category in some}
    kinds |= {
        kind
        for kind, some in (("stop", _STOPS), ("comma", _COMMAS), ("symbol", _SYMBOLS), ("bracket", _BRACKETS), ("at", "@#©®"))
        if character in some
    }
    is_mark = category.startswith("M")
    if is_mark or re.match(r"\w", character):
        kinds.add("word")
        if not is_mark and _UNSPACED.match(character):
            kinds.add("unspaced")
    if character > " " and not character.isspace() and category not in ("Cf", "Cc"):
        kinds.add("visible")
    return sum(BITS[kind] for kind in kinds)
