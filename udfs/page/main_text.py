"""Take the main text of a page by the extractor that the recipe names; docs/extraction.md says how good each is."""

from dataclasses import dataclass
from typing import Literal

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from udfs.blocks.extractor import BlockExtractor
from udfs.page.choice import Expected, choose
from udfs.page.mended_tree import mend
from udfs.page.page_kind import kind_of
from udfs.page.parsable_html import ParsedPage
from udfs.page.quick_trafilatura import parse, texts_of, trafilatura

Extractor = Literal["choice", "trafilatura", "resiliparse", "blocks"]
Favor = Literal["precision", "default", "recall"]


@dataclass(frozen=True)
class MainText:
    """The text, which extractor gave it, how many lines of that were left out, and the kind of page, where the extractor tells it."""

    text: str
    extractor: str
    lines_cut: int = 0
    page_kind: str | None = None


def main_text(html: str, *, plain: str, extractor: Extractor, favor: Favor) -> MainText:
    """Take the main text of a page by one library: `plain` is what `plain_text` made of it."""
    if extractor == "resiliparse":
        return MainText(plain, "resiliparse")
    return MainText(_trafilatura(html, favor=favor), "trafilatura")


def chosen_text(page: ParsedPage, *, plain: str, blocks: BlockExtractor) -> MainText:
    """Choose between trafilatura's and Resiliparse's texts by what the blocks expect, and say what kind of page it is."""
    reading = blocks.read(page.html, page.tree)
    kind = kind_of(reading.page) if reading.page is not None else None
    expected = Expected(page.html, blocks.text(reading), kind)
    comments = kind != "article"  # below an article they are no part of it; a thread is made of them
    resiliparse = {"resiliparse": plain}
    if comments:
        resiliparse["resiliparse_comments"] = resiliparse_text(page.tree, whole=True)
    found = choose(expected, resiliparse=resiliparse, trafilatura=lambda: _proposals(page.html, comments=comments))
    return MainText(found.text, found.proposal, found.lines_cut, kind)


def _proposals(html: str, *, comments: bool) -> dict[str, str]:
    """Return trafilatura's text of a mended page, and with comments if asked; none of a page that it cannot read."""
    tree = parse(html)
    if tree is None:
        return {}
    mend(tree)
    body, said = texts_of(tree)
    return {"trafilatura": body} | ({"trafilatura_comments": f"{body}\n{said}".strip()} if comments else {})


def resiliparse_text(tree: HTMLTree, *, whole: bool) -> str:
    """Return Resiliparse's main text, `whole` with comments and the texts of images."""
    return str(extract_plain_text(tree, main_content=True, comments=whole, alt_texts=whole))


def plain_text(tree: HTMLTree, *, extractor: Extractor) -> str:
    """Return Resiliparse's main text: as DCLM takes it where it is the product, without comments and image texts where it is the measure.

    DCLM: baselines/mappers of mlfoundations/dclm call extract_plain_text(html, main_content=True).
    """
    return resiliparse_text(tree, whole=extractor == "resiliparse")


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
