"""Takes the statistics of a page's text, and cuts the lines that the chosen rules take from it."""

from collections.abc import Sequence
from typing import Literal

from udfs.edits.edit import Edit, apply
from udfs.signals import c4, fineweb, gopher
from udfs.signals.annotated_page import Page
from udfs.similarity import minhash
from udfs.words.split import split_words

LineRules = Literal["c4", "c4_reference", "refinedweb", "refinedweb_faithful", "none"]


def measure(page: Page, rules: LineRules) -> None:
    """Take the statistics of the extracted text, edit it, and take those of what is left."""
    text, found = page.text, page.found
    words = split_words(text)
    found |= gopher.quality(text, words) | gopher.repetition(text, words)
    line_found, c4_edits = c4.measure(text)
    found |= line_found
    line_edits = _line_edits(page, rules, c4_edits=c4_edits)
    if line_edits:
        page.line_edits = line_edits
        text = page.text = apply(text, line_edits)
        words = split_words(text)
    found |= {
        "character_count": len(text),
        "line_count": text.count("\n") + 1 if text else 0,
        **fineweb.measure(text, words),
        "text_hash": minhash.text_hash(text),
    }
    found["line_edits"] = [edit._asdict() for edit in page.line_edits]


def edit(page: Page, rules: LineRules) -> None:
    """Edit the text as `measure` does, and take no statistics."""
    c4_edits = c4.measure(page.text)[1] if rules == "c4" else ()
    page.line_edits = _line_edits(page, rules, c4_edits=c4_edits)
    page.text = apply(page.text, page.line_edits) if page.line_edits else page.text


def _line_edits(page: Page, rules: LineRules, *, c4_edits: Sequence[Edit]) -> Sequence[Edit]:
    """Return what the chosen rules cut from the extracted text; those of FineWeb's reading are given."""
    if rules == "c4_reference":
        return page.c4_reference()[1]
    if rules in ("refinedweb", "refinedweb_faithful"):
        return page.refined(faithful=rules == "refinedweb_faithful").edits
    return c4_edits if rules == "c4" else ()
