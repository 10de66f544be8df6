"""Write out what only the look of a page says: raised numbers, readings above characters, hyphens that are not shown.

Text alone would read `10<sup>4</sup>` as 104, a note's mark behind 1912 as 19121, and 漢字 with its reading as one word.
"""

import re

from udfs.page.source_signs import ICON, LINK_SIGN, RAISED, READING, Signs

_SOFT_HYPHEN = re.compile(r"\xad|&shy;|&#0*173;|&#x0*ad;", re.IGNORECASE)
_SHADE = re.compile(r"<rp\b[^<>]*+>[^<]*+(?:</rp\s*+>)?", re.IGNORECASE)  # brackets that browsers do not show
_READING = re.compile(r"<rt\b[^<>]*+>((?:[^<]++|<(?!/?+(?:rt|rp|rb|ruby|rtc)\b))*+)(?:</rt\s*+>)?", re.IGNORECASE)
_NOTES = (
    re.compile(r"(<sup\b[^<>]*+>\s*+<a\b[^<>#]*+#[^<>]*+>\s*+)(\d{1,4}|[a-z]|[*†‡§])(?=\s*+</a\s*+>\s*+</sup)"),
    re.compile(r"(<a\b[^<>#]*+#[^<>]*+>\s*+<sup\b[^<>]*+>\s*+)(\d{1,4}|[a-z]|[*†‡§])(?=\s*+</sup\s*+>\s*+</a)"),
)
_POWER = re.compile(r"(<sup(?<=\d<sup)\b[^<>]*+>)(?=\s*+[-−–+]?+\d{1,4}\s*+</sup)")
_PERMALINK = re.compile(
    r"<a\b[^<>#]*+#[^<>]*+>\s*+(?:[¶#§^\u200b↩\N{LINK SYMBOL}]|&(?:#182|para|ZeroWidthSpace);)\ufe0e?\s*+</a\s*+>",
    re.IGNORECASE,
)
_ICON = re.compile(r"<(i|span)\b(?=[^<>]*\bmaterial-(?:icons|symbols))[^<>]*+>[\w\s]*+</\1\s*+>")


def written_out(html: str, signs: Signs) -> str:
    """Return a page whose text says what a reader sees; most pages are unchanged. `signs` are the page's.

    1. Soft hyphens go: a browser shows one only where it breaks a line.
    2. A reading above characters (`rt`) stands in brackets behind them, as where a browser knows no `ruby`.
    3. The mark of a note, which links to a place of the page, stands in square brackets.
    4. A raised number right behind a figure is a power: `10^4`.
    5. A sign alone goes that links a heading to itself, or a note back to its mark: `Usage¶`.
    6. Names by which a font draws icons go.

    >>> written_out('un&shy;told, 10<sup>4</sup>, in 1912<sup><a href="#n1">1</a></sup>', frozenset({RAISED}))
    'untold, 10<sup>^4</sup>, in 1912<sup><a href="#n1">[1]</a></sup>'
    >>> written_out("<ruby>漢字<rp>(<rt>かんじ</ruby>", frozenset({READING}))
    '<ruby>漢字(かんじ)</ruby>'
    """
    if "\xad" in html or "&shy;" in html:
        html = _SOFT_HYPHEN.sub("", html)
    if READING in signs:
        html = _READING.sub(_bracketed, _SHADE.sub("", html))
    if LINK_SIGN in signs:
        html = _PERMALINK.sub("", html)
    if RAISED in signs:
        for note in _NOTES:
            html = note.sub(r"\1[\2]", html)
        html = _POWER.sub(r"\1^", html)
    if ICON in signs:
        html = _ICON.sub("", html)
    return html


def _bracketed(reading: re.Match[str]) -> str:
    text = reading[1].strip()
    return f"({text})" if text else ""
