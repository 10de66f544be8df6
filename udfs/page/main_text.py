"""Take the main text of a page: trafilatura for precision, checked against Resiliparse, which misses little.

Of 927 pages with text marked by hand, trafilatura's precise mode finds F1 0.893 and leaves 2 empty; see docs/extraction.md for the chain.
"""

import re
from dataclasses import dataclass
from typing import Literal

from udfs.page.line_layout import lay_out
from udfs.page.quick_trafilatura import trafilatura

_PRE = re.compile("<pre[ >]", re.IGNORECASE)

Extractor = Literal["chain", "trafilatura", "resiliparse", "blocks"]
Favor = Literal["precision", "default", "recall"]


@dataclass(frozen=True)
class ChainSettings:
    """Bounds of the chain, as shares of the characters (white space left out) that Resiliparse takes for main text."""

    min_ratio_fast: float = 0.4
    min_ratio_full: float = 0.1
    max_ratio: float = 1.5
    min_agreed_ratio: float = 0.5


@dataclass(frozen=True)
class MainText:
    """The text, which extractor gave it, and how many of its lines were cut because Resiliparse leaves them out."""

    text: str
    extractor: str
    lines_cut: int = 0


def main_text(html: str, plain: str, *, extractor: Extractor, favor: Favor, chain: ChainSettings) -> MainText:
    """Take the main text of a page that was parsed before: `plain` is what Resiliparse takes for its main text.

    A page of 97 kB costs about 24 ms with the chain as with trafilatura's precision, and nothing more with Resiliparse.
    """
    if extractor == "resiliparse":
        return MainText(plain, "resiliparse")
    if extractor == "trafilatura":
        return MainText(_trafilatura(html, favor=favor), "trafilatura")
    return _chained(html, plain, chain=chain)


def _chained(html: str, plain: str, *, chain: ChainSettings) -> MainText:
    """Ask trafilatura quickly, then thoroughly, as far as what comes back is implausible beside Resiliparse's text.

    1. Its fast pass, for precision; if that is short, the full one, which also asks readability and jusText.
    2. If there is next to nothing still, its pass for recall; if there is much more, Resiliparse's own text.
       Not of a page with preformatted text, nor for its tables: those Resiliparse leaves out.
    3. Lines at the edges of trafilatura's text that Resiliparse leaves out go, unless that were most of it; the others are laid out as
       Resiliparse has them.
    """
    expected = _size(plain)
    # Each pass parses the page anew: to hand trafilatura a tree makes it copy that, which one page in ten would repay.
    text, extractor = _trafilatura(html, favor="precision", fast=True), "trafilatura_fast"
    if not text or _size(text) < chain.min_ratio_fast * expected:
        text, extractor = _trafilatura(html, favor="precision"), "trafilatura"
    if not text or _size(text) < chain.min_ratio_full * expected:
        text, extractor = _trafilatura(html, favor="recall") or text, "trafilatura_recall"
    if text and _PRE.search(html):  # Resiliparse leaves code out: of such a page it is no measure
        return MainText(text, extractor)
    if not text or (expected and _size(_prose(text)) > chain.max_ratio * expected):
        return MainText(plain, "resiliparse")
    laid = lay_out(text, plain)
    if _size(laid.text) < chain.min_agreed_ratio * _size(text):
        return MainText(text, extractor)
    return MainText(laid.text, extractor, laid.lines_cut)


def _trafilatura(html: str, *, favor: Favor, fast: bool = False) -> str:
    # deduplicate stays False: it keeps state from page to page, and the same page gives None after a few times.
    text = trafilatura().extract(
        html,
        fast=fast,
        favor_precision=favor == "precision",
        favor_recall=favor == "recall",
        include_comments=False,
        include_tables=True,
        deduplicate=False,
    )
    return str(text or "")


def _prose(text: str) -> str:
    """Leave out the rows of tables, which Resiliparse does not keep."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("|")) if "|" in text else text


def _size(text: str) -> int:
    return sum(map(len, text.split()))
