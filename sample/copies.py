"""Copies of articles: the same URL twice, mirrors, near-duplicates of several strengths, and chains of them."""

from collections.abc import Iterator
from dataclasses import replace

from sample import bank
from sample.articles import home_of, plain_articles, served
from sample.bank import Article
from sample.capture import Capture
from sample.duplicates import MARGIN, THRESHOLD, continued, jaccard, reworded, shortened

# How many articles of each language are copied in each way; the rest of the plain ones stay unique.
ENGLISH = (("same_url", 6), ("updated", 2), ("mirror", 7), ("near_95", 6), ("near_85", 6), ("chain", 4), ("half", 5))
OTHERS = {
    "de": (("same_url", 1), ("mirror", 2), ("near_85", 2), ("half", 1)),
    "fr": (("same_url", 1), ("mirror", 2), ("near_85", 2), ("half", 1)),
    "es": (("same_url", 1), ("mirror", 2), ("near_85", 2), ("half", 1)),
    "it": (("same_url", 1), ("mirror", 2), ("near_85", 2), ("half", 1)),
    "ru": (("same_url", 1), ("mirror", 2), ("near_85", 2), ("half", 1)),
    "ja": (("same_url", 1), ("mirror", 3)),
}
MIRROR_STEP = 12  # sites that many numbers apart share a template, so that mirrors extract to the very same text
NEAR_STEP = 18  # the same template again: whether a title is extracted must not move a close pair across the threshold
EDITED_STEP = 7


def copy_captures() -> list[Capture]:
    """Return all copies; their originals are among `articles.article_captures()`."""
    found: list[Capture] = []
    for language, plan in {"en": ENGLISH, **OTHERS}.items():
        articles = iter(plain_articles(language))
        found += [copy for way, count in plan for _ in range(count) for copy in _copies(next(articles), way)]
    return found


def half_spares() -> frozenset[str]:
    """Return the spare paragraphs that stand in pages, so that none of them is used as training text."""
    found = set()
    for language, plan in {"en": ENGLISH, **OTHERS}.items():
        articles = iter(plain_articles(language))
        found |= {bank.spare_of(article)[0] for way, count in plan for article in _take(articles, count) if way == "half"}
    return frozenset(found)


def _take(articles: Iterator[Article], count: int) -> list[Article]:
    return [next(articles) for _ in range(count)]


def _copies(article: Article, way: str) -> list[Capture]:
    first = home_of(article)
    name = f"{article.name}/{way}"
    if way in ("same_url", "updated"):
        again = article if way == "same_url" else shortened(article, floor=0.8)
        return [_dropped(article, again, name=name, site_number=first, kind="exact_copy", reason="exact_url")]
    if way == "mirror":
        return [_dropped(article, article, name=name, site_number=first + MIRROR_STEP, kind="exact_copy", reason="exact_text")]
    if way == "chain":
        return _chain(article, name)
    if way == "half":
        edited = continued(article, spare=bank.spare_of(article)[0], ceiling=0.55)
        return [_kept(article, edited, name=name, site_number=first + EDITED_STEP, kind="half_duplicate")]
    floor = 0.93 if way == "near_95" else 0.82
    edited = _reworded(article, floor, name) if article.language == "en" else shortened(article, floor=floor)
    step = EDITED_STEP if way == "near_95" else NEAR_STEP
    return [_dropped(article, edited, name=name, site_number=first + step, kind="near_duplicate", reason="near_duplicate")]


def _chain(article: Article, name: str) -> list[Capture]:
    """Return b and c of a chain a~b~c, in which a and c are too different to be duplicates.

    In the order a, b, c of their dates b falls to a, and c stays; in another order b may stay and the others fall.
    """
    b = _reworded(article, 0.8, f"{name}/b")
    c = shortened(b, floor=0.79)
    if not jaccard(article.text, c.text) < THRESHOLD - MARGIN:
        raise ValueError(f"{name}: the ends of the chain are too similar; add synonyms that occur in {article.name}")
    first = home_of(article)
    middle = _dropped(article, b, name=f"{name}/b", site_number=first + NEAR_STEP, kind="chain", reason="near_duplicate")
    return [middle, _kept(article, c, name=f"{name}/c", site_number=first + 2 * NEAR_STEP, kind="chain")]


def _reworded(article: Article, floor: float, name: str) -> Article:
    return reworded(article, floor=floor, synonyms=bank.table("handwritten")["synonyms"], name=name)


def _dropped(article: Article, edited: Article, *, name: str, site_number: int, kind: str, reason: str) -> Capture:
    copy = _kept(article, edited, name=name, site_number=site_number, kind=kind)
    return replace(copy, expected="dropped", reason=reason, original=article.name)


def _kept(article: Article, edited: Article, *, name: str, site_number: int, kind: str) -> Capture:
    copy = served(edited, name=name, site_number=site_number, kind=kind)
    return replace(copy, group=article.name, jaccard=round(jaccard(edited.text, article.text), 6))
