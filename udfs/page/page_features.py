"""Describe a page and the candidates for its text in numbers: what the kind of page and the choice of a text are learned from."""

import re
from collections import Counter
from dataclasses import dataclass

from lxml.html import HtmlElement

_COUNTED = (
    "p", "li", "a", "tr", "table", "form", "input", "img", "h1", "h2", "h3", "h4", "article", "section", "pre", "code", "time",
    "button", "blockquote", "select", "iframe", "dl", "noscript", "aside", "figure", "label", "br", "span", "div",
)  # fmt: skip
_SCHEMA_KINDS: dict[str, tuple[str, ...]] = {
    "ld_article": ("Article", "NewsArticle", "BlogPosting", "Report", "ScholarlyArticle"),
    "ld_product": ("Product", "Offer", "AggregateOffer", "ProductGroup"),
    "ld_thread": ("DiscussionForumPosting", "QAPage", "Question", "Comment"),
    "ld_collection": ("CollectionPage", "ItemList", "OfferCatalog"),
    "ld_business": ("Organization", "LocalBusiness", "Service", "Corporation", "ProfessionalService"),
    "ld_guide": ("TechArticle", "HowTo", "FAQPage", "APIReference", "SoftwareApplication"),
    "ld_recipe": ("Recipe", "Event", "JobPosting", "VideoObject"),
    "ld_crumbs": ("BreadcrumbList",),
}
_SCHEMA_KIND_OF = {name: kind for kind, names in _SCHEMA_KINDS.items() for name in names}
_SCHEMA_TYPES = (
    re.compile(r"\"@type\"\s*:\s*\[?\s*\"(\w+)"),
    re.compile(r"schema\.org/(\w+)"),
)  # both begin with letters that are rare
_OG_TYPE = re.compile(r"<meta\b[^>]{0,200}og:type[^>]{0,200}", re.IGNORECASE)
_OG_KINDS = ("article", "website", "product", "profile")
_WORDS_OF_PAGES = (
    "comment", "thread", "forum", "reply", "topic", "price", "cart", "product", "card", "docs", "sidebar", "toc", "author",
    "published", "pagination", "faq", "review", "signature", "avatar", "hero", "cta",
)  # fmt: skip
_MAKERS = (
    "Discourse",
    "phpBB",
    "vBulletin",
    "XenForo",
    "WordPress",
    "Shopify",
    "Docusaurus",
    "Sphinx",
    "MediaWiki",
    "WooCommerce",
)
_WORD = re.compile(r"\w+")
_END = (".", "!", "?", "…", "。", "！", "？", "”", '"', ":", ";", ")")
_LONG_LINE = 80  # characters
_HEAD_CHARS = 1 << 16

Bag = Counter[str]


@dataclass(frozen=True)
class Candidate:
    """A text that an extractor proposes, with its bag of lower-cased words."""

    text: str
    bag: Bag
    words: int


def candidate(text: str) -> Candidate:
    """Count the words of a text."""
    words = _WORD.findall(text.lower())
    return Candidate(text, Counter(words), len(words))


def agreement(one: Candidate, other: Candidate) -> float:
    """Return the F1 of two bags of words; two empty ones agree."""
    total = one.words + other.words
    return 2 * shared_words(one, other) / total if total else 1.0


def shared_words(one: Candidate, other: Candidate) -> int:
    """Count the words that two candidates have in common, each as often as both have it."""
    small, large = (one.bag, other.bag) if len(one.bag) <= len(other.bag) else (other.bag, one.bag)
    return sum(min(count, large[word]) for word, count in small.items() if word in large)


def features_of_page(html: str, tree: HtmlElement) -> dict[str, float]:
    """Describe a page by its elements, by what it says of itself, and by words of its markup; about 2 ms for 100 kB."""
    counts = Counter(element.tag for element in tree.iter(*_COUNTED))
    found: dict[str, float] = {f"n_{tag}": counts[tag] for tag in _COUNTED}
    elements = sum(counts.values()) or 1
    found |= {f"share_{tag}": counts[tag] / elements for tag in ("p", "li", "a", "img", "div", "tr")}
    linked = [len(link.text_content().strip()) for link in tree.iter("a")]
    found |= {"link_chars": sum(linked), "link_mean": sum(linked) / (len(linked) or 1)}
    found |= {"html_chars": len(html)}
    kinds = Counter(_SCHEMA_KIND_OF.get(name, "ld_other") for kind in _SCHEMA_TYPES for name in kind.findall(html))
    found |= {kind: kinds[kind] for kind in (*_SCHEMA_KINDS, "ld_other")}
    head = html[:_HEAD_CHARS]
    said = _OG_TYPE.search(head)
    found |= {f"og_{kind}": float(said is not None and kind in said[0]) for kind in _OG_KINDS}
    found |= {f"has_{word}": min(html.count(word), 200) for word in _WORDS_OF_PAGES}
    return found | {f"by_{name}": float(name in head) for name in _MAKERS}


def features_of_text(name: str, one: Candidate) -> dict[str, float]:
    """Describe a candidate by its words and lines."""
    lines = [line for line in one.text.split("\n") if line.strip()]
    characters = sum(map(len, lines)) or 1
    long = [line for line in lines if len(line) >= _LONG_LINE]
    found = {
        "words": one.words,
        "lines": len(lines),
        "line_mean": characters / (len(lines) or 1),
        "long_share": sum(map(len, long)) / characters,
        "long_lines": len(long),
        "ended": sum(line.rstrip().endswith(_END) for line in lines) / (len(lines) or 1),
        "distinct": len(one.bag) / (one.words or 1),
        "rows": sum(line.startswith("|") for line in lines),
        "items": sum(line.startswith(("- ", "• ")) for line in lines),
        "digits": sum(word.isdigit() for word in one.bag) / (len(one.bag) or 1),
    }
    return {f"{name}_{key}": value for key, value in found.items()}


def features_of_pair(name: str, one: Candidate, other: Candidate) -> dict[str, float]:
    """Describe how two candidates agree: F1, and what share of each the other has."""
    shared = shared_words(one, other)
    return {
        f"{name}_f1": 2 * shared / (one.words + other.words or 1),
        f"{name}_of_first": shared / (one.words or 1),
        f"{name}_of_second": shared / (other.words or 1),
        f"{name}_ratio": (one.words + 1) / (other.words + 1),
    }
