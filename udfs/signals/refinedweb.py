"""RefinedWeb's rules as DCLM runs them: URLs cut, the page measured, lines cut, and the page measured against what is left.

The numbers are of the text without URLs (DCLM's steps 5 to 16), but for what the line rules take (steps 17 to 24). Steps 1 to 4 look
at the URL, step 7 is `language`, and step 15 is the set gopher_dclm.
"""

import re
from collections import Counter
from dataclasses import dataclass

from udfs.edits.edit import Edit
from udfs.edits.layered import Layered
from udfs.signals import refinedweb_lines, refinedweb_urls
from udfs.signals.definition import Signal
from udfs.signals.gopher import STOP_WORDS

_SOURCE = (
    "RefinedWeb (arXiv:2306.01116), appendix G; mlfoundations/dclm, baselines/baselines_configs/dclm_baseline_refinedweb.yaml"
)
NEWLINES = "refinedweb_newlines"  # kind of edits
KINDS = (refinedweb_urls.URLS, refinedweb_urls.ADDRESSES, NEWLINES, refinedweb_lines.LINES)

SIGNALS = (
    Signal("refinedweb_word_count", "int", "words", _SOURCE, "What white space parts and begins with a letter or digit (step 8)."),
    Signal("refinedweb_mean_word_length", "float", "characters", _SOURCE, "Mean length of what white space parts; 0 where there is nothing (step 9)."),
    Signal(
        "refinedweb_symbol_ratio", "float", "per word", _SOURCE,
        "'#', '...', '. . .' and '…' over what white space parts (step 10).",
    ),
    Signal("refinedweb_bullet_line_ratio", "float", "fraction of lines", _SOURCE, "Lines that start with ●, •, * or -, of those not blank (step 11)."),
    Signal(
        "refinedweb_ellipsis_line_ratio", "float", "fraction of lines", _SOURCE,
        "Lines that end with '...', '. . .' or '…', of those not blank (step 12).",
    ),
    Signal(
        "refinedweb_letterless_word_ratio", "float", "fraction of words", _SOURCE,
        "Words without any letter, of what white space parts (step 13).",
    ),
    Signal(
        "refinedweb_stop_word_count", "int", "words", _SOURCE,
        "How often the, be, to, of, and, that, have, with occur, in any case (step 14).",
    ),
    Signal(
        "refinedweb_removed_word_ratio", "float", "fraction of words", _SOURCE,
        "Words, as refinedweb_word_count counts them, that the line rules take; 0 where there is none (step 24).",
    ),
    Signal("refinedweb_urls", "int", "urls", _SOURCE, "URLs, email addresses and IPv4 addresses that step 5 cuts."),
)  # fmt: skip

_TOKEN = re.compile(r"[^ \n\r\t\v\f\0]+")  # fastText's white space
_MANY_BREAKS = re.compile(r"\n{3,}")
_SYMBOLS = ("#", "...", ". . .", "…")
_BULLETS = ("●", "•", "*", "-")
_ELLIPSES = ("...", ". . .", "…")


@dataclass(frozen=True)
class Refined:
    """Hold the signals of a page, the edits of the extracted text, and the text before and after the line rules."""

    signals: dict[str, int | float]
    edits: tuple[Edit, ...]
    without_urls: str
    text: str


def measure(text: str, *, faithful: bool = False) -> Refined:
    """Measure a page and find what DCLM cuts; `faithful` repeats two slips of its code, which cut too few URLs and wrong phrases.

    udfs.edits.edit.apply(text, refined.edits) is the text that DCLM writes, also where its filters drop the page.
    """
    page = Layered(text)
    page.cut(refinedweb_urls.urls(text, faithful=faithful))
    page.cut(refinedweb_urls.addresses(page.text))
    cut = len(page.edits)
    page.cut(Edit(found.start() + 2, found.end(), "", NEWLINES) for found in _MANY_BREAKS.finditer(page.text))
    opened, signals = page.text, _page(page.text)
    page.cut(refinedweb_lines.edits(opened, faithful=faithful))
    before = signals["refinedweb_word_count"]
    after = before if page.text == opened else _word_count(page.text)
    signals |= {"refinedweb_removed_word_ratio": (before - after) / before if before else 0.0, "refinedweb_urls": cut}
    return Refined(signals, page.edits, opened, page.text)


def _page(text: str) -> dict[str, int | float]:
    """Measure steps 8 to 14."""
    words = text.split()
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    every, filled = max(1, len(words)), max(1, len(lines))
    times = Counter(words)
    unlike = [word for word in times if not word.isalpha()]
    return {
        "refinedweb_word_count": _word_count(text),
        "refinedweb_mean_word_length": sum(map(len, words)) / every,
        "refinedweb_symbol_ratio": sum(map(text.count, _SYMBOLS)) / every,
        "refinedweb_bullet_line_ratio": sum(line.startswith(_BULLETS) for line in lines) / filled,
        "refinedweb_ellipsis_line_ratio": sum(line.endswith(_ELLIPSES) for line in lines) / filled,
        "refinedweb_letterless_word_ratio": sum(times[word] for word in unlike if not any(map(str.isalpha, word))) / every,
        "refinedweb_stop_word_count": sum(count for word, count in times.items() if word.lower() in STOP_WORDS),
    }


def _word_count(text: str) -> int:
    return sum(token[0].isalnum() for token in _TOKEN.findall(text))
