"""The scripts that put no spaces between words, and the marks that others put there: the one list, for all that counts or cuts words.

Han, Hiragana, Katakana and its long mark, Thai, Lao, Khmer and Myanmar put nothing there.
"""

import re

from udfs.words.punctuation import WORDSPACE

NAMES = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"  # between the brackets of a class of `regex`

# Marks that stand where others have a space (Unicode 17, UAX #14, "visible word dividers", of scripts in use): Ethiopic's wordspace, and
# Tibetan's tsheg in both forms, which ends a syllable. Ogham's is white space.
SEPARATORS = f"{WORDSPACE}\u0f0b\u0f0c"
# Of these scripts the zero-width space is such a mark; elsewhere it is a hint for line breaks, or rubbish.
ZERO_WIDTH_SPACED = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Javanese}\p{Balinese}"

# NAMES by code points (Unicode 17), for `re`, which knows no scripts and is several times as fast as `regex` over them.
_CODES = (
    "0e01-0e3a 0e40-0e5b 0e81-0e82 0e84-0e84 0e86-0e8a 0e8c-0ea3 0ea5-0ea5 0ea7-0ebd 0ec0-0ec4 0ec6-0ec6 0ec8-0ece 0ed0-0ed9 "
    "0edc-0edf 1000-109f 1780-17dd 17e0-17e9 17f0-17f9 19e0-19ff 2e80-2e99 2e9b-2ef3 2f00-2fd5 3005-3005 3007-3007 3021-3029 "
    "3038-303b 3041-3096 309d-309f 30a1-30fa 30fc-30ff 31f0-31ff 32d0-32fe 3300-3357 3400-4dbf 4e00-9fff a9e0-a9fe aa60-aa7f "
    "f900-fa6d fa70-fad9 ff66-ff6f ff71-ff9d"
)
_CODES_BEYOND = (
    "116d0-116e3 16fe2-16fe3 16ff0-16ff6 1aff0-1aff3 1aff5-1affb 1affd-1affe 1b000-1b128 1b132-1b132 1b150-1b152 1b155-1b155 "
    "1b164-1b168 1f200-1f200 20000-2a6df 2a700-2b81e 2b820-2cead 2ceb0-2ebe0 2ebf0-2ee5d 2f800-2fa1d 30000-3134a 31350-33479"
)


def _class_of(codes: str) -> str:
    pairs = (span.split("-") for span in codes.split())
    return "".join(f"{chr(int(first, 16))}-{chr(int(last, 16))}" for first, last in pairs)


IN_PLANE = _class_of(_CODES)  # between the brackets of a class of `re`
EVERYWHERE = IN_PLANE + _class_of(_CODES_BEYOND)

_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_IN_PLANE = re.compile(f"[{IN_PLANE}]")
_EVERYWHERE = re.compile(f"[{EVERYWHERE}]")


def is_in_plane(text: str) -> bool:
    """Say whether a text stays within Unicode's first plane, where `re` is ten times as fast over a class."""
    return _BEYOND.search(text) is None


def unspaced(text: str) -> re.Pattern[str]:
    """Return the pattern of a character of these scripts that is the fastest of those that are right for this text."""
    return _IN_PLANE if is_in_plane(text) else _EVERYWHERE
