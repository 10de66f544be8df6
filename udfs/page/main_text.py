"""Take the main text of a page by the extractor that the recipe names; docs/extraction.md says how good each is."""

from dataclasses import dataclass
from typing import Literal

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from udfs.page.choice import CUT, choose, propose
from udfs.page.quick_trafilatura import trafilatura

Extractor = Literal["choice", "trafilatura", "resiliparse", "blocks"]
Favor = Literal["precision", "default", "recall"]


@dataclass(frozen=True)
class MainText:
    """The text, which extractor gave it, how many lines at its edges were cut, and the kind of page, where the extractor tells it."""

    text: str
    extractor: str
    lines_cut: int = 0
    page_kind: str | None = None


def main_text(html: str, tree: HTMLTree, *, plain: str, extractor: Extractor, favor: Favor) -> MainText:
    """Take the main text of a page: `tree` is the page as Resiliparse parsed it, `plain` what `plain_text` made of it."""
    if extractor == "resiliparse":
        return MainText(plain, "resiliparse")
    if extractor == "trafilatura":
        return MainText(_trafilatura(html, favor=favor), "trafilatura")
    return _chosen(html, tree, bare=plain)


def resiliparse_text(tree: HTMLTree, *, whole: bool) -> str:
    """Return Resiliparse's main text, `whole` with comments and the texts of images."""
    return str(extract_plain_text(tree, main_content=True, comments=whole, alt_texts=whole))


def plain_text(tree: HTMLTree, *, extractor: Extractor) -> str:
    """Return Resiliparse's main text: as DCLM takes it where it is the product, without comments and image texts where it is the measure.

    DCLM: baselines/mappers of mlfoundations/dclm call extract_plain_text(html, main_content=True).
    """
    return resiliparse_text(tree, whole=extractor == "resiliparse")


def _chosen(html: str, tree: HTMLTree, *, bare: str) -> MainText:
    """Choose between trafilatura's and Resiliparse's texts; a page that trafilatura cannot read, or reads in part, is Resiliparse's."""
    whole = resiliparse_text(tree, whole=True)
    proposed = propose(html, bare=bare, whole=whole)
    if proposed is None:
        return MainText(whole, "resiliparse_comments")
    found = choose(proposed)
    return MainText(found.text, found.proposal, proposed.lines_cut if found.proposal == CUT else 0, found.page_kind)


def _trafilatura(html: str, *, favor: Favor) -> str:
    # deduplicate stays False: it keeps state from page to page, and the same page gives None after a few times.
    text = trafilatura().extract(
        html,
        favor_precision=favor == "precision",
        favor_recall=favor == "recall",
        include_comments=False,
        include_tables=True,
        deduplicate=False,
    )
    return str(text or "")
