"""Find what a page says about itself in its parsed tree: elements alone, so nothing out of comments, scripts or text boxes.

One query over the tree finds all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from resiliparse.parse.html import HTMLTree

from udfs.page.json_ld import page_nodes

Element = Any  # Resiliparse's types say of every property that it may be None
MAX_DEPTH = 200  # ancestors that are looked at
MAX_ELEMENTS = 2000  # that are looked at; a page of a million metas says nothing more
_NAME_ATTRIBUTES: tuple[Literal["name", "property", "http-equiv"], ...] = ("name", "property", "http-equiv")
# Half of a page's metas are of these names and hold no fact; what the query leaves out is not made an object, which saves 0.03 ms.
_NO_FACTS = (
    '[property^="og:image"]',
    *('[property^="og:t"]', '[property^="og:u"]', '[property^="og:de"]', '[property^="og:s"]', '[property^="og:l"]'),
    *(
        '[name^="twitter"]',
        '[property^="twitter"]',
        "[charset]",
        '[name="viewport"]',
        '[name="description"]',
        '[name="keywords"]',
    ),
    *('[name="generator"]', '[name^="msapplication"]', '[name="theme-color"]'),
)
# Of microdata and RDFa.
_DATED_NAMES = frozenset(
    [
        "datePublished",
        "dateCreated",
        "schema:datePublished",
        "schema:dateCreated",
        "dcterms:issued",
        "dcterms:created",
        "dc:date",
    ]
)
# Each part costs 0.01 ms a page, so it takes in more than is asked for: the names are looked at again where they matter.
_SELECTOR = ",".join(
    (
        "meta" + "".join(f":not({names})" for names in _NO_FACTS),
        'noscript,script[type^="application/ld+json" i]',
        'time,.dt-published,abbr.published,[itemprop*="date"],[property]:not(meta)',
        '[href*="creativecommons.org" i]',
    )
)


class Meta(NamedTuple):
    """A meta element's name in lower case, the attribute that held it, and its content."""

    attribute: Literal["name", "property", "http-equiv"]
    name: str
    content: str


@dataclass(frozen=True)
class Markup:
    """What a page says about itself: metas, JSON-LD about the page, and elements that carry a date or a licence, in order."""

    language: str | None
    title: str | None
    metas: tuple[Meta, ...]
    json_ld: tuple[dict[str, Any], ...]
    dated: tuple[Element, ...]
    licensed: tuple[Element, ...]


def read_markup(tree: HTMLTree) -> Markup:
    """Query a page's tree, in 0.15 ms; a browser makes no elements of what stands in noscript, so nothing is read there."""
    metas: list[Meta] = []
    scripts: list[str] = []
    dated: list[Element] = []
    licensed: list[Element] = []
    in_noscript = False  # maybe: what stands in it comes right after it in the tree's order
    document: Any = tree.document
    for element in document.query_selector_all(_SELECTOR).values()[:MAX_ELEMENTS]:
        if in_noscript and any(around.tag == "noscript" for around in ancestors(element)):
            continue
        tag = element.tag
        in_noscript = tag == "noscript"
        if tag == "script":
            scripts.append(element.text_content)
        elif tag == "meta" and not element.hasattr("itemprop"):
            metas += _metas(element)
        elif tag in ("a", "link", "area") or element.getattr("itemprop") == "license":
            licensed.append(element)
        elif _is_dated(element, tag):
            dated.append(element)
    root = document.document_element
    language = (root.getattr("lang") or root.getattr("xml:lang")) if root is not None else None
    return Markup(language, tree.title, tuple(metas), tuple(page_nodes(scripts)), tuple(dated), tuple(licensed))


def _is_dated(element: Element, tag: str) -> bool:
    if tag == "time" or not _DATED_NAMES.isdisjoint(
        f"{element.getattr('itemprop') or ''} {element.getattr('property') or ''}".split()
    ):
        return True
    classes = (element.getattr("class") or "").split()
    return "dt-published" in classes or (tag == "abbr" and "published" in classes)


def _metas(element: Element) -> Iterator[Meta]:
    content = element.getattr("content")
    if content is None:
        return
    for attribute in _NAME_ATTRIBUTES:
        name = element.getattr(attribute)
        if name:
            yield Meta(attribute, name.strip().lower(), content)


def ancestors(element: Element) -> Iterator[Element]:
    """Yield the elements around one, the nearest first, up to head, body or MAX_DEPTH of them."""
    for _ in range(MAX_DEPTH):
        element = element.parent_element
        if element is None or element.tag in ("head", "body"):
            return
        yield element
