"""Say what kind of page a page is: by its elements, by what it declares, and by the shape of its text."""

import numpy as np

from udfs.blocks import tags
from udfs.blocks.page import Page
from udfs.page.trees import read_trees

MODEL = "page_kinds.json"  # beside this file; bench/extraction/train_page_kind.py makes it
LONG_BLOCK = 20  # words

_COUNTED = (
    "p", "li", "a", "tr", "table", "form", "input", "img", "h1", "h2", "h3", "h4", "article", "section", "pre", "code", "time",
    "button", "blockquote", "select", "iframe", "dl", "aside", "figure", "label", "br", "span", "div", "nav", "main", "strong", "svg",
)  # fmt: skip


def kind_of(page: Page) -> str:
    """Return the kind: article, collection, documentation, forum, listing, product or service."""
    found = read_trees(MODEL).predict(features(page))
    return max(found, key=lambda kind: found[kind])


def features(page: Page) -> dict[str, float]:
    """Describe a page by numbers: counts of elements, what it declares, and its blocks' words and links."""
    opened = page.tokens.tag[page.tokens.step > 0]
    counts = np.bincount(opened, minlength=len(tags.NAMES))
    numbers = {name: int(counts[place]) for name, place in zip(_COUNTED, tags.ids_of(*_COUNTED), strict=True)}
    elements = sum(numbers.values()) or 1
    words, visible, linked = (page.counts[name] for name in ("words", "visible", "linked"))
    plain = 2 * linked <= visible
    long = plain & (words >= LONG_BLOCK)
    found: dict[str, float] = {f"n_{name}": count for name, count in numbers.items()}
    found |= {f"share_{name}": count / elements for name, count in numbers.items()}
    found |= {key: float(value) for key, value in page.declared.items()}
    total = int(words.sum()) or 1
    found |= {
        "blocks": len(words),
        "words": total,
        "plain_words": int(words[plain].sum()) / total,
        "long_blocks": int(long.sum()),
        "long_words": int(words[long].sum()) / total,
        "longest": int(words.max(initial=0)),
        "linked": int(linked.sum()) / (int(visible.sum()) or 1),
        "title_words": len(page.title),
    }
    return found
