"""Choose between the texts that trafilatura and Resiliparse propose for a page, by trees that learned from pages with gold text.

No extractor is best on every kind of page: trafilatura on articles and documentation, Resiliparse on services, both fail on half of the
shops and listings. What a page is like, and how the proposals agree, tells which one to take. docs/extraction.md has the measurements.
"""

from dataclasses import dataclass

from udfs.page.line_layout import Layout, lay_out
from udfs.page.mended_tree import mend
from udfs.page.page_features import Candidate, candidate, features_of_page, features_of_pair, features_of_text
from udfs.page.quick_trafilatura import parse, texts_of
from udfs.page.trees import read_trees

MODEL = "choice.json"
KINDS_MODEL = "page_kinds.json"
MODELS = (MODEL, KINDS_MODEL)  # files beside this one
CUT = "trafilatura_cut"
FIRST = "trafilatura"  # the one whose score the others' gains are counted from


@dataclass(frozen=True)
class Proposed:
    """What describes a page, the proposals for its text by name, and how many lines the cut one lacks."""

    page: dict[str, float]
    texts: dict[str, str]
    lines_cut: int


@dataclass(frozen=True)
class Choice:
    """The text taken, the name of its proposal, and what kind of page it is: article, forum, listing, product and their like."""

    text: str
    proposal: str
    page_kind: str


def propose(html: str, *, bare: str, whole: str) -> Proposed | None:
    """Ask trafilatura for its text, and put it beside Resiliparse's; None if trafilatura cannot read the page, or reads it in part.

    `bare` is Resiliparse's text without comments, `whole` with them. libxml2 leaves out what lies deeper than 256 elements: of such a
    page Resiliparse alone has the text.
    """
    parsed = parse(html)
    if parsed is None:
        return None
    page = features_of_page(html, parsed)
    mend(parsed)
    body, comments = texts_of(parsed)
    has_code = page["n_pre"] > 0  # Resiliparse leaves code out: of such a page it is no measure of lines
    laid = Layout(body, body, 0) if has_code else lay_out(body, bare)
    return Proposed(page, proposals(laid, comments, bare, whole), laid.lines_cut)


def proposals(laid: Layout, comments: str, bare: str, whole: str) -> dict[str, str]:
    """Return the texts to choose from by name: trafilatura's and Resiliparse's, each with and without comments, and a cut one.

    `CUT` is trafilatura's text without the lines before the first and after the last that Resiliparse has too.
    """
    return {
        "trafilatura": laid.whole,
        "trafilatura_comments": f"{laid.whole}\n{comments}".strip() if comments else laid.whole,
        CUT: laid.cut,
        "resiliparse": bare,
        "resiliparse_comments": whole,
    }


def features(proposed: Proposed) -> dict[str, float]:
    """Describe a page and its proposals by numbers, for both models."""
    texts = proposed.texts
    made: dict[str, Candidate] = {}
    for name, text in texts.items():
        known = next((made[other] for other in made if texts[other] == text), None)
        made[name] = known or candidate(text)
    found = dict(proposed.page)
    for name in texts:
        found |= features_of_text(name, made[name])
    first, *others = texts
    for name in others:
        found |= features_of_pair(f"{first}:{name}", made[first], made[name])
    return found | features_of_pair("resiliparse:resiliparse_comments", made["resiliparse"], made["resiliparse_comments"])


def choose(proposed: Proposed) -> Choice:
    """Take the proposal with the highest predicted gain over trafilatura's text; an empty one only if all are."""
    found, texts = features(proposed), proposed.texts
    gains = {FIRST: 0.0} | read_trees(MODEL).predict(found)
    wanted = max((name for name in texts if texts[name]), key=lambda name: gains[name], default=FIRST)
    kinds = read_trees(KINDS_MODEL).predict(found)
    return Choice(texts[wanted], wanted, max(kinds, key=lambda name: kinds[name]))
