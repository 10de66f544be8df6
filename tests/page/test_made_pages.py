"""Pages of seventy kinds, made by hand: what must be in their text, and what must not."""

from collections import Counter
from pathlib import Path

import pytest

import bench.extraction
from bench.extraction.made_pages import failures, read_pages
from bench.extraction.variants import VARIANTS
from udfs.page.extractor import PageRequest

PAGES = read_pages(Path(bench.extraction.__file__).parent / "made")
HOLD = {  # of 189, 115, 25, 24 and 20 checks; a model is not right on every one
    "blocks": {"must": 184, "not": 91, "row": 23, "code": 24, "line": 20},
    "choice": {"must": 182, "not": 74, "row": 25, "code": 24, "line": 20},
}


@pytest.mark.parametrize("name", HOLD)
def test_as_many_checks_hold_as_before(name: str) -> None:
    extract = VARIANTS[name]()
    held: Counter[str] = Counter()
    wrong: list[str] = []
    for page in PAGES:
        text, _, _ = extract(PageRequest(page.html.encode(), "text/html", "utf-8"))
        failed = list(failures(text, page.checks))
        held.update(kind for kind, _ in page.checks)
        held.subtract(kind for kind, _ in failed)
        wrong += [f"{page.name}: {kind}: {words}" for kind, words in failed]
    assert all(held[kind] >= least for kind, least in HOLD[name].items()), "\n".join(wrong)


def test_every_page_has_checks() -> None:
    assert len(PAGES) == 70
    assert all(page.checks for page in PAGES)
