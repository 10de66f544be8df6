"""Compare a text with gold text: bags of tokens, WCXB's own score, snippets, lines, and the page's blocks."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import regex
from resiliparse.parse.html import ElementNode, HTMLTree

from bench.extraction.gold_page import GoldPage
from udfs.blocks.rules import counts_lines
from udfs.page.charset import decode_page

BLOCK_TAGS = {"p": "p", "li": "li", "tr": "tr", "pre": "pre", "heading": "h1, h2, h3, h4, h5, h6"}  # selectors by name
MIN_LINE_TOKENS = 5  # shorter lines (names, dates) stand on a page more than once
MIN_HEADING_TOKENS = 2
_BREAKS = "p, li, tr, pre, ul, ol, dl, div, table, blockquote, br"  # what makes an element more than one line of text
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_TOKEN = regex.compile(rf"[{_UNSPACED}]\p{{M}}*+|(?:(?![{_UNSPACED}])\w)++")
_WORD = re.compile(r"\w+")
_LIST_MARK = re.compile(
    r"\s*(?:\|\s*)?(?:[-*+•#]+\s+)?(?:\d{1,3}[.)]\s+)?"
)  # or the bar before a row, whose first cell may count


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, list item, table row (one line each, a row's cells in order) or preformatted text (its lines)."""

    tag: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """Of the blocks of one tag that the gold holds: how many the text holds, and how many on lines of their own."""

    wanted: int
    kept: int
    own_lines: int


@dataclass(frozen=True)
class Score:
    """Agreement of one text with its gold, each 0 to 1; all 0 where they share nothing or there is no text."""

    precision: float
    recall: float
    f1: float


def read_blocks(page: GoldPage) -> list[Block]:
    """Return a page's innermost blocks by tag, navigation and all, read off its HTML alone.

    Left out are elements that hold others or a line break, as they are more than one line, rows of one cell, and columns that number
    the lines of code.
    """
    html = decode_page(page.request.body, header=page.request.charset).text
    body = HTMLTree.parse(html).body
    if body is None:
        return []
    return [
        Block(tag, found)
        for tag, selector in BLOCK_TAGS.items()
        for node in body.query_selector_all(selector)[:]  # a live list: it searches anew for every index, but once for a slice
        if node.query_selector(_BREAKS) is None and (found := _lines(node, tag=tag))
    ]


def _lines(node: ElementNode, *, tag: str) -> tuple[str, ...]:
    if tag == "pre":
        text = node.text or ""
        words = text.split()
        # the numbers of the lines of code, in a column beside it: gold may hold them, and nobody wants them
        numbers = len(words) > 1 and counts_lines(words)
        return () if numbers else tuple(line for line in text.splitlines() if line.strip())
    parts = node.query_selector_all("td, th")[:] if tag == "tr" else [node]
    texts = [text for part in parts if (text := " ".join((part.text or "").split()))]
    return (" ".join(texts),) if len(texts) > (tag == "tr") else ()


def tokens(text: str) -> list[str]:
    r"""Return the runs of \w in lower case; of scripts that put no spaces between words, every character with its marks.

    >>> tokens("Über 3.5 km, 東京タワー!")
    ['über', '3', '5', 'km', '東', '京', 'タ', 'ワ', 'ー']
    """
    found: list[str] = _TOKEN.findall(text.lower())
    return found


def score(text: str, gold: str) -> Score:
    """Compare two texts as multisets of tokens; order and punctuation do not count."""
    ours, theirs = Counter(tokens(text)), Counter(tokens(gold))
    shared = (ours & theirs).total()
    if not shared:
        return Score(0.0, 0.0, 0.0)
    return Score(shared / ours.total(), shared / theirs.total(), 2 * shared / (ours.total() + theirs.total()))


def wcxb_score(text: str, gold: str) -> float:
    r"""Return the F1 of the bags of lower-cased \w+ words; empty gold scores 1 for an empty text alone.

    Source: the Web Content Extraction Benchmark, arXiv 2605.21097.

    >>> wcxb_score("A b b", "a B"), wcxb_score("", ""), wcxb_score("x", "")
    (0.8, 1.0, 0.0)
    """
    ours, theirs = Counter(_WORD.findall(text.lower())), Counter(_WORD.findall(gold.lower()))
    if not theirs or not ours:
        return float(not theirs and not ours)
    shared = (ours & theirs).total()
    return 2 * shared / (ours.total() + theirs.total())


def snippets_found(text: str, snippets: Iterable[str]) -> int:
    """Count the snippets that stand in a text, white space aside."""
    spaced = " ".join(text.split())
    return sum(" ".join(snippet.split()) in spaced for snippet in snippets)


def line_keys(text: str) -> set[str]:
    """Return the lines of a text as their tokens, list marks left out."""
    return {_key(line) for line in text.splitlines()}


def line_share(text: str, gold: str) -> float | None:
    """Return the share of the gold's lines of MIN_LINE_TOKENS that are a line of the text; None if it has none."""
    wanted = [key for key in line_keys(gold) if key.count(" ") >= MIN_LINE_TOKENS - 1]
    return len(line_keys(text).intersection(wanted)) / len(wanted) if wanted else None


def blocks_kept(text: str, gold: str, blocks: Iterable[Block]) -> dict[str, Kept]:
    """Say by tag what became of the blocks of enough tokens whose tokens stand in the gold in one run.

    Content that other markup surrounds is thus told from navigation by the gold, and a block that lost its line breaks,
    or was run together with its neighbour, from one that stands as it should.
    """
    ours, theirs, lines = _run(text), _run(gold), line_keys(text)
    counts: Counter[tuple[str, str]] = Counter()
    for block in blocks:
        run = _run(" ".join(block.lines))
        least = MIN_HEADING_TOKENS if block.tag == "heading" else MIN_LINE_TOKENS
        if run.count(" ") > least and run in theirs:
            counts[block.tag, "wanted"] += 1
            counts[block.tag, "kept"] += run in ours
            counts[block.tag, "own"] += all(_key(line) in lines for line in block.lines if tokens(line))
    tags = [tag for tag in BLOCK_TAGS if counts[tag, "wanted"]]
    return {tag: Kept(counts[tag, "wanted"], counts[tag, "kept"], counts[tag, "own"]) for tag in tags}


def _run(text: str) -> str:
    return f" {' '.join(tokens(text))} "


def _key(line: str) -> str:
    return " ".join(tokens(_LIST_MARK.sub("", line, count=1)))
