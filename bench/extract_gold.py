"""Pair the pages of WARC files with the text that people, or other sources, say they hold, and compare a text with it."""

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import regex
from resiliparse.parse.html import ElementNode, HTMLTree

from udfs.page import urls
from udfs.page.charset import decode_page
from udfs.page.extractor import ExtractSettings, PageRequest
from udfs.page.http_message import decode_body, parse_message
from udfs.page.media_type import charset_of, mime_of
from udfs.reading import location
from udfs.warc.records import Record, read_records

Half = Literal["tuning", "held-out"]
BLOCK_TAGS = ("p", "li", "tr", "pre")
MIN_LINE_TOKENS = 5  # shorter lines (headings, names) stand on a page more than once
_BREAKS = "p, li, tr, pre, ul, ol, dl, div, table, blockquote, br"  # what makes an element more than one line of text
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_TOKEN = regex.compile(rf"[{_UNSPACED}]\p{{M}}*+|(?:(?![{_UNSPACED}])\w)++")
_LIST_MARK = re.compile(r"\s*(?:[-*+•]\s+)?(?:\d{1,3}[.)]\s+)?")


@dataclass(frozen=True)
class GoldPage:
    """One page and what is known of its text; `kind` is the file's gold_type, `gold` is empty where only snippets are known."""

    id: str
    url: str
    site: str
    source: str
    kind: str
    language: str | None
    half: Half
    request: PageRequest
    gold: str
    must_contain: tuple[str, ...]
    must_not_contain: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph, list item, table row (one line each, a row's cells in order) or preformatted text (its lines)."""

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


def load_gold(folder: Path) -> list[GoldPage]:
    """Read gold.jsonl.gz and the response records it names, in its order; rows marked gold_suspect are left out.

    Raises ValueError if a row's record is not there. About 0.3 GB for 2,234 pages.
    """
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if not row["gold_suspect"]]
    wanted = {row["record_id"] for row in rows}
    requests: dict[str, PageRequest] = {}
    for name in sorted({row["warc_file"] for row in rows}):
        requests.update(read_requests(folder / name, wanted))
    missing = [row for row in rows if row["record_id"] not in requests]
    if missing:
        raise ValueError(
            f"{len(missing)} gold rows name no response record, first {missing[0]['record_id']} of {missing[0]['warc_file']}: "
            "gold and WARC files are not of one version; get them together"
        )
    return [_page(row, requests[row["record_id"]]) for row in rows]


def read_requests(warc: Path, wanted: set[str]) -> Iterator[tuple[str, PageRequest]]:
    """Yield the wanted response records of a WARC file as the pipeline hands them to its extractor."""
    settings = ExtractSettings()
    spans = read_records(
        partial(location.open_location, str(warc)),
        size=location.size(str(warc)),
        max_record_bytes=settings.max_record_bytes,
    )
    for span in spans:
        if isinstance(span, Record) and span.type == "response" and span.id in wanted and span.body is not None:
            message = parse_message(span.body)
            declared = message.header("content-type")
            body = decode_body(message, max_bytes=settings.max_page_bytes)
            mime = mime_of(identified=span.payload_type, declared=declared, body=body)
            yield span.id, PageRequest(body=body, mime=mime, charset=charset_of(declared))


def read_blocks(page: GoldPage) -> list[Block]:
    """Return a page's innermost blocks by tag, navigation and all, read off its HTML alone.

    Left out are elements that hold others or a line break, as they are more than one line, and rows of one cell.
    """
    html = decode_page(page.request.body, header=page.request.charset).text
    body = HTMLTree.parse(html).body
    if body is None:
        return []
    return [
        Block(tag, found)
        for tag in BLOCK_TAGS
        for node in body.get_elements_by_tag_name(tag)[:]  # a live list: it searches anew for every index, but once for a slice
        if node.query_selector(_BREAKS) is None and (found := _lines(node, tag=tag))
    ]


def _lines(node: ElementNode, *, tag: str) -> tuple[str, ...]:
    if tag == "pre":
        return tuple(line for line in (node.text or "").splitlines() if line.strip())
    parts = node.query_selector_all("td, th")[:] if tag == "tr" else [node]
    texts = [text for part in parts if (text := " ".join((part.text or "").split()))]
    return (" ".join(texts),) if len(texts) > (tag == "tr") else ()


def site_of(url: str) -> str:
    """Return the registered domain of a URL, or the URL itself if it has none."""
    return urls.domain(urls.host(url)) or url


def half_of(site: str) -> Half:
    """Name the side a page is on by a hash of its site, so that no site is on both."""
    return "tuning" if hashlib.sha256(site.encode()).digest()[0] % 2 else "held-out"


def _page(row: dict[str, Any], request: PageRequest) -> GoldPage:
    site = site_of(row["url"])
    return GoldPage(
        id=row["id"],
        url=row["url"],
        site=site,
        source=row["source"],
        kind=row["gold_type"],
        language=row["lang"],
        half=half_of(site),
        request=request,
        gold=row["gold_text"] or "",
        must_contain=tuple(row["must_contain"]),
        must_not_contain=tuple(row["must_not_contain"]),
    )


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
    """Say by tag what became of the blocks of MIN_LINE_TOKENS or more whose tokens stand in the gold in one run.

    Content that other markup surrounds is thus told from navigation by the gold, and a block that lost its line breaks,
    or was run together with its neighbour, from one that stands as it should.
    """
    ours, theirs, lines = _run(text), _run(gold), line_keys(text)
    counts: Counter[tuple[str, str]] = Counter()
    for block in blocks:
        run = _run(" ".join(block.lines))
        if run.count(" ") > MIN_LINE_TOKENS and run in theirs:
            counts[block.tag, "wanted"] += 1
            counts[block.tag, "kept"] += run in ours
            counts[block.tag, "own"] += all(_key(line) in lines for line in block.lines if tokens(line))
    tags = [tag for tag in BLOCK_TAGS if counts[tag, "wanted"]]
    return {tag: Kept(counts[tag, "wanted"], counts[tag, "kept"], counts[tag, "own"]) for tag in tags}


def _run(text: str) -> str:
    return f" {' '.join(tokens(text))} "


def _key(line: str) -> str:
    return " ".join(tokens(_LIST_MARK.sub("", line, count=1)))
