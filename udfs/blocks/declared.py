"""What a page declares about its kind: Open Graph's type, schema.org's types, and the path of its own address."""

import re

HEAD_CHARACTERS = 60_000  # where pages declare their address
MAX_TYPES = 200
_SCHEMA = {
    "article": "Article NewsArticle BlogPosting TechArticle ReportageNewsArticle ScholarlyArticle Report",
    "product": "Product Offer AggregateOffer ProductGroup",
    "list": "ItemList CollectionPage SearchResultsPage OfferCatalog ImageGallery",
    "questions": "FAQPage QAPage Question Answer",
    "forum": "DiscussionForumPosting Comment",
    "organization": "Organization LocalBusiness Corporation ProfessionalService Service",
    "recipe": "Recipe HowTo",
}
_GROUP_OF = {name: group for group, names in _SCHEMA.items() for name in names.split()}
_TYPE = re.compile(r"@type\"\s*:\s*\[?\s*\"([A-Za-z]{3,30})\"")
_OPEN_GRAPH = re.compile(r"<meta[^>]{1,80}og:type[^>]{1,40}?content=[\"']?([a-z.]{3,20})")
_OPEN_GRAPH_TYPES = ("", "website", "article", "product")
_ADDRESS = re.compile(
    r"<link[^>]{0,80}canonical[^>]{0,20}?href=[\"']?([^\"'\s>]{1,300})|og:url[^>]{1,20}?content=[\"']?([^\"'\s>]{1,300})"
)
_PATHS = {
    "forum": r"/(?:forum|thread|topic|t|question|discussion|viewtopic|showthread|comment|communit)s?[/.\-]|//(?:forum|community|discuss)",
    "product": r"/(?:product|p|item|dp|shop|store|itm|buy)s?/|//(?:shop|store)\.",
    "docs": r"/(?:doc|documentation|reference|api|manual|guide|tutorial|learn|help|wiki)s?/|//(?:docs|developers?|help|support|learn|wiki)\.",
    "listing": r"/(?:category|categories|collection|c|tag|search|archive|browse|list)s?/",
    "article": r"/(?:blog|news|article|stor(?:y|ies)|post)s?/|/20[012]\d/|//(?:blog|news)\.",
    "top": r"^https?://[^/]+/?$",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _PATHS.items()}


def declared(html: str) -> dict[str, int]:
    """Return what a page declares, as numbers by name."""
    facts = {f"schema_{group}": 0 for group in _SCHEMA}
    place = html.find('"@type"')
    for _ in range(MAX_TYPES):
        if place < 0:
            break
        found = _TYPE.match(html, place + 1)
        if found and (group := _GROUP_OF.get(found[1])):
            facts[f"schema_{group}"] += 1
        place = html.find('"@type"', place + 7)
    head = html[:HEAD_CHARACTERS]
    kind = _after(_OPEN_GRAPH, head, "og:type")
    facts["og_type"] = _OPEN_GRAPH_TYPES.index(kind) if kind in _OPEN_GRAPH_TYPES else len(_OPEN_GRAPH_TYPES)
    address = _after(_ADDRESS, head, "canonical") or _after(_ADDRESS, head, "og:url")
    return facts | {f"path_{name}": int(bool(pattern.search(address))) for name, pattern in _PATTERNS.items()}


def _after(pattern: re.Pattern[str], head: str, word: str) -> str:
    """Search the tag around the first place of a word."""
    place = head.find(word)
    if place < 0:
        return ""
    found = pattern.search(head, max(head.rfind("<", 0, place), 0), place + 400)
    return next((group for group in found.groups() if group), "") if found else ""
