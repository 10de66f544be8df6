"""The extractors that are held against gold, by the name of their row, and their texts, kept on disk so that none is extracted twice."""

import gzip
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from bench.extraction.gold_page import GoldPage
from udfs.blocks.extractor import BlockExtractor
from udfs.page.charset import decode_page
from udfs.page.extractor import ExtractSettings, PageExtractor, PageRequest

WARM_PAGES = 5


@dataclass(frozen=True)
class Extracted:
    """What one variant made of one page, in CPU milliseconds; the text is empty if there was none or it failed."""

    text: str
    extractor: str  # the one that gave the text, as the page's result names it, or "failed"
    page_kind: str | None
    ms: float


Results = dict[str, dict[str, Extracted]]  # by variant and page id
Extract = Callable[[PageRequest], tuple[str, str, str | None]]
Variant = Callable[[], Extract]


def settled(settings: ExtractSettings, *, blocks: BlockExtractor | None = None) -> Extract:
    """Return what gives a page's text, the name of the extractor that gave it, and the kind of page."""
    extractor = PageExtractor(settings, blocks=blocks)

    def extract(request: PageRequest) -> tuple[str, str, str | None]:
        result = extractor.extract(request)
        used = "failed" if result.outcome == "failed" else result.extractor or "none"
        return result.text or "", used, result.page_kind

    return extract


def _resiliparse_bare() -> Extract:
    def extract(request: PageRequest) -> tuple[str, str, str | None]:
        tree = HTMLTree.parse(decode_page(request.body, header=request.charset).text)
        return str(extract_plain_text(tree, main_content=True, comments=False, alt_texts=False)).strip(), "resiliparse", None

    return extract


VARIANTS: dict[str, Variant] = {
    "choice": partial(settled, ExtractSettings(extractor="choice")),
    "blocks": partial(settled, ExtractSettings(extractor="blocks")),
    "trafilatura, default": partial(settled, ExtractSettings(extractor="trafilatura", favor="default")),
    "trafilatura, precision": partial(settled, ExtractSettings(extractor="trafilatura", favor="precision")),
    "trafilatura, recall": partial(settled, ExtractSettings(extractor="trafilatura", favor="recall")),
    "resiliparse": partial(settled, ExtractSettings(extractor="resiliparse")),
    "resiliparse, no comments": _resiliparse_bare,
}


def extract_all(pages: Sequence[GoldPage], name: str, texts: Path | None) -> dict[str, Extracted]:
    """Extract every page, after a few of them unmeasured; pages whose text lies below `texts` from an earlier run are read there.

    The file of a variant is not told apart by its settings: remove it after a change of the extractor.
    """
    kept = texts_file(texts, name) if texts else None
    found = read_texts(kept) if kept and kept.exists() else {}
    missing = [page for page in pages if page.id not in found]
    if missing:
        extract = VARIANTS[name]()
        for page in missing[:WARM_PAGES]:
            extract(page.request)
        found |= {page.id: timed(extract, page.request) for page in missing}
        if kept:
            write_texts(kept, found)
    return {page.id: found[page.id] for page in pages}


def texts_file(texts: Path, name: str) -> Path:
    """Return the file below a folder that keeps the texts of a variant."""
    return texts / f"{name.replace(', ', '-').replace(' ', '-')}.jsonl.gz"


def timed(extract: Extract, request: PageRequest) -> Extracted:
    """Extract one page, and measure the CPU time of it."""
    began = time.process_time()
    text, used, kind = extract(request)
    return Extracted(text, used, kind, 1000 * (time.process_time() - began))


def read_texts(file: Path) -> dict[str, Extracted]:
    """Read the texts of a variant, by page id."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row.pop("id"): Extracted(**row) for row in rows}


def write_texts(file: Path, found: dict[str, Extracted]) -> None:
    """Write the texts of a variant."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8", compresslevel=3) as lines:
        for page, one in found.items():
            lines.write(json.dumps({"id": page, **asdict(one)}) + "\n")
