"""One page and what is known of its text: the shape that every source of gold is read into."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from udfs.page import urls
from udfs.page.charset import decode_page
from udfs.page.extractor import PageRequest
from udfs.page.fit_html import fit_html

Column = Literal["wcxb", "news", "human-rights", "debian", "expected", "prefix", "snippets", "read", "forms"]
PageKind = Literal["article", "forum", "listing", "product", "documentation", "service", "collection"]

COLUMNS: dict[Column, str] = {
    "wcxb": "WCXB's development split: pages of seven kinds, drafted by a model and reviewed by people",
    "news": "text marked by people: news in English, Chinese, Greek, Polish and Russian",
    "human-rights": "the Declaration of Human Rights in 260 languages: the document's own markup, no independent truth",
    "debian": "Debian's documentation: the document's own markup, no independent truth",
    "expected": "what the authors of other extractors expect of theirs: no independent truth",
    "prefix": "only the beginning of the text: no precision",
    "snippets": "strings that must, and must not, stand in the text",
    "read": "pages of the sample WARCs, marked block by block by a language model that read them",
    "forms": "pages with forms, from the package formasaurus, marked likewise: portals, shops, services, sign-up pages",
}
IN_DATA = tuple(column for column in COLUMNS if column != "forms")  # what the folder of shared data holds


@dataclass(frozen=True)
class GoldPage:
    """One page with its gold.

    `gold` is None where only snippets are known, and "" where the page has no main text.
    `kind` is the kind of page by hand, and None where nobody said; `site` is the registered domain.
    """

    id: str
    url: str
    site: str
    column: Column
    source: str
    kind: PageKind | None
    language: str | None
    request: PageRequest
    gold: str | None
    must_contain: tuple[str, ...]
    must_not_contain: tuple[str, ...]


def html_of(request: PageRequest) -> str | None:
    """Return a page's HTML as the product reads it; None of what is no HTML."""
    fit = fit_html(decode_page(request.body, header=request.charset, mime=request.mime), mime=request.mime)
    return fit[0] if fit is not None else None


def site_of(url: str) -> str:
    """Return the registered domain of a URL, or the URL itself if it has none."""
    return urls.domain(urls.host(url)) or url


def fold_of(site: str, folds: int) -> int:
    """Return the fold of a site by a hash of its name, so that no site is in two."""
    return int.from_bytes(hashlib.sha256(site.encode()).digest()[:8], "big") % folds
