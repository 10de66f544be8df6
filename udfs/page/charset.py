"""Decode a page by byte order mark, HTTP header, meta or detector; no label is believed that the bytes contradict."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import charset_normalizer
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from udfs.page.by_chance import is_utf8_by_chance
from udfs.page.meta_charset import named_charset

Source = Literal["bom", "header", "meta", "detector", "replacement", "utf-8"]

START_BYTES = 4096  # that tell UTF-16 by its zeros
DETECT_BYTES = 1 << 16
MAX_BAD_SHARE = 0.02  # of the characters beyond ASCII; a page cut by the crawler ends in half a character
MAX_BAD_UTF8_SHARE = 0.25
MIN_UTF16_NULLS = 8  # a stray one is no sign of UTF-16, however short the page
MIN_UTF8_SEQUENCES = 3  # legacy text of a few bytes can be valid UTF-8 by chance

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32le"),
    (b"\0\0\xfe\xff", "utf-32be"),
    (b"\xff\xfe", "utf-16le"),
    (b"\xfe\xff", "utf-16be"),
)
_ASCII_TAG = re.compile(rb"<[a-zA-Z!?/]")
_ISO_2022 = re.compile(rb"\x1b[$(]")
_PYTHON_NAME = re.compile(r"^(cp|iso8859|utf-16|utf-32)[-_]?(125\d|874|\d+|le|be)$")
_WHATWG_NAMES = {
    "euc_kr": "euc-kr",
    "euc_jp": "euc-jp",
    "iso2022_jp": "iso-2022-jp",
    "mac-roman": "macintosh",
    "cp866": "ibm866",
    "iso8859-11": "windows-874",
}
# The labels of the Encoding Standard that Resiliparse does not know, or takes for another.
_LABELS = dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "x-mac-cyrillic")
_LABELS |= dict.fromkeys(("csiso88598i", "iso-8859-8-i", "logical"), "iso-8859-8-i")
_MULTIBYTE = frozenset({"gbk", "gb18030", "big5", "euc-kr", "euc-jp", "shift_jis"})


def _pairs(ours: str, of_browsers: str) -> tuple[tuple[str, str], ...]:
    return tuple(zip(ours, of_browsers, strict=True))


# Signs that Python reads otherwise than browsers: those of EUC-JP and Big5 as Windows has them, two letters of KOI8-U, and signs
# of GB 18030 that Unicode had no place for in 2000.
_GB18030_SIGNS = _pairs(
    "\ue5e5\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
    "\u3000\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u1e3f\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb",
)
_SIGNS = {
    "gbk": _GB18030_SIGNS,
    "gb18030": _GB18030_SIGNS,
    "euc-jp": _pairs("\u301c\u2212\u2016\xa2\xa3\xac", "\uff5e\uff0d\u2225\uffe0\uffe1\uffe2"),
    "big5": _pairs("\u2022\uff64\u203e\u223c\u2641\u2609\xa5\xa2\xa3", "\u2027\ufe51\xaf\uff5e\u2295\u2299\uffe5\uffe0\uffe1"),
    "koi8-u": _pairs("\u255d\u256c", "\u045e\u040e"),
}
# Bytes that browsers read and Python's codecs do not.
_EURO_OF_GBK, _MORE_OF_BIG5 = 0x80, {b"\xa3\xe1": "\N{EURO SIGN}", b"\xc6\xde": "\u3003", b"\xc6\xdf": "\u4edd"}
_WHATWG_PREFIXES = {"cp": "windows-", "iso8859": "iso-8859-", "utf-16": "utf-16", "utf-32": "utf-32"}
# The Encoding Standard decodes these labels with a superset that Python names otherwise.
_CODECS = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "windows-874": "cp874",
    "ibm866": "cp866",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "macintosh": "mac-roman",
    "iso-2022-jp": "iso2022-jp-2",
    "euc-jp": "euc_jp",
}


@dataclass(frozen=True)
class Decoded:
    """A page's text, the charset it was decoded with (WHATWG's name if it has one), and the rung that named it."""

    text: str
    charset: str
    source: Source


def decode_page(body: bytes, *, header: str | None, mime: str = "text/html") -> Decoded:
    """Decode a page's bytes; never fails. `header` is the charset label of the Content-Type header, if any.

    Valid UTF-8 with a few characters beyond ASCII is UTF-8, whatever it is called (source "utf-8"), unless it reads as text in the
    charset that it declares, and as no text in UTF-8.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return Decoded(body[len(bom) :].decode(name, "replace"), name, "bom")
    utf8 = _strict_utf8(body)
    for name, source in _told(body, header=header, mime=mime):
        if name == "utf-8" and utf8 is not None:
            return Decoded(utf8, name, source)
        if utf8 is not None and _is_surely_utf8(body) and not is_utf8_by_chance(utf8, is_multibyte=name in _MULTIBYTE):
            continue
        text = _tolerant(body, name)
        if text is not None:
            return Decoded(text, name, source)
    if utf8 is not None and not _ISO_2022.search(body) and _utf16_by_nulls(body) is None:
        return Decoded(utf8, "utf-8", "utf-8")
    for name in _detected(body):
        text = _tolerant(body, name)
        if text is not None:
            return Decoded(text, name, "detector")
    return Decoded(body.decode("utf-8", "replace"), "utf-8", "replacement")


def _told(body: bytes, *, header: str | None, mime: str) -> Iterator[tuple[str, Source]]:
    name = whatwg_name(header)
    if name is not None and not (name.startswith("utf-16") and _is_ascii_markup(body[:START_BYTES])):
        # the label utf-16 means the order of Windows, and many write the other without a mark
        yield (_utf16_by_nulls(body) or name) if name.startswith("utf-16") else name, "header"
    name = named_charset(body, mime=mime, known=whatwg_name)
    if name is not None:
        yield name, "meta"


def _detected(body: bytes) -> Iterator[str]:
    """Name the likely charsets, the best first.

    Resiliparse's detector takes what it does not know for UTF-8, as it does Korean; there charset-normalizer is asked.
    Of 112 real pages in 21 legacy charsets without their labels, the two get 109 right; either alone, 103 and 104.
    """
    by_nulls = _utf16_by_nulls(body)
    if by_nulls is not None:
        yield by_nulls
    name = whatwg_name(detect_encoding(body, html5_compatible=True))
    if name is not None:
        yield name
    best = charset_normalizer.from_bytes(body[:DETECT_BYTES]).best()
    if best is not None:
        yield whatwg_name(best.encoding) or best.encoding


def whatwg_name(label: str | None) -> str | None:
    """Map a charset label to its WHATWG name; None for an unknown one."""
    if not label or len(label) > 64:
        return None
    known = _LABELS.get(label.strip().lower())
    if known is not None:
        return known
    name = map_encoding_to_html5(label.strip(), fallback_utf8=False)
    if not name or name in ("replacement", "x-user-defined"):
        return None
    if name in _WHATWG_NAMES:
        return _WHATWG_NAMES[name]
    return _PYTHON_NAME.sub(lambda match: _WHATWG_PREFIXES[match[1]] + match[2], name)  # Resiliparse speaks Python's names


def _strict_utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_surely_utf8(body: bytes) -> bool:
    """Say whether a body known to be valid UTF-8 holds enough characters beyond ASCII to be so on purpose."""
    sequences = re.finditer(rb"[\xc2-\xf4]", body)
    return sum(1 for _ in zip(range(MIN_UTF8_SEQUENCES), sequences, strict=False)) == MIN_UTF8_SEQUENCES


def _is_ascii_markup(start: bytes) -> bool:
    """Say whether a page begins with tags of one byte a character: those of UTF-16 have zeros."""
    return 0 not in start and _ASCII_TAG.search(start) is not None


def _utf16_by_nulls(body: bytes) -> str | None:
    """Recognise UTF-16 without a mark by the zero halves of its markup and spaces, all on one side."""
    start = body[: START_BYTES & ~1]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) < max(MIN_UTF16_NULLS, 0.05 * len(start) / 2) or min(even, odd) > 0.1 * max(even, odd):
        return None
    return "utf-16le" if odd > even else "utf-16be"


def _tolerant(body: bytes, name: str) -> str | None:
    """Decode with a named charset; None if Python does not know it or more than MAX_BAD_SHARE of it does not decode."""
    try:
        text = _decoded(body, name)
    except LookupError:
        return None
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    if not bad:
        return text
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    cut = bad == 1 and text.endswith("\N{REPLACEMENT CHARACTER}")
    # no other charset looks like several characters of UTF-8, so that a few bytes of another one do not make it that one
    bearable = MAX_BAD_UTF8_SHARE if name == "utf-8" and beyond_ascii - bad >= MIN_UTF8_SEQUENCES else MAX_BAD_SHARE
    return text if cut or bad <= bearable * beyond_ascii else None


def _decoded(body: bytes, name: str) -> str:
    """Decode as the Encoding Standard has it, as far as Python's codecs do; what does not decode becomes U+FFFD."""
    text = body.decode(_CODECS.get(name, name), _ERRORS.get(name, "replace"))
    for ours, of_browsers in _SIGNS.get(name, ()):  # str.translate looks every character up
        text = text.replace(ours, of_browsers)
    return text


def _nec_sign(error: UnicodeError) -> tuple[str, int]:
    """Decode a sign of EUC-JP that NEC and IBM added to JIS, such as a digit in a circle, by the same place in Shift_JIS."""
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and min(pair) >= 0xA1 and max(pair) <= 0xFE:
        row, cell = pair[0] - 0xA1, pair[1] - 0xA1
        lead = (row >> 1) + (0x81 if row < 62 else 0xC1)
        trail = cell + 0x9F if row & 1 else cell + (0x40 if cell < 63 else 0x41)
        sign = bytes((lead, trail)).decode("cp932", "ignore")
        if sign:
            return sign, error.start + 2
    return "\N{REPLACEMENT CHARACTER}", error.end


def _euro_of_gbk(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    if error.object[error.start] == _EURO_OF_GBK:
        return "\N{EURO SIGN}", error.start + 1
    return "\N{REPLACEMENT CHARACTER}", error.end


def _more_of_big5(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    sign = _MORE_OF_BIG5.get(error.object[error.start : error.start + 2])
    return (sign, error.start + 2) if sign else ("\N{REPLACEMENT CHARACTER}", error.end)


_ERRORS = {"euc-jp": "gristmill.nec_signs", "big5": "gristmill.more_of_big5"}
_ERRORS |= dict.fromkeys(("gbk", "gb2312", "gb18030"), "gristmill.euro_of_gbk")
codecs.register_error("gristmill.nec_signs", _nec_sign)
codecs.register_error("gristmill.more_of_big5", _more_of_big5)
codecs.register_error("gristmill.euro_of_gbk", _euro_of_gbk)
