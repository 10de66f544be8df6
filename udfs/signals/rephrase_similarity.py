"""The gate by vectors: how alike what a model wrote and the page that it was given are in meaning."""

from collections.abc import Sequence

import numpy as np

from udfs.signals.annotated_page import Page
from udfs.signals.definition import Signal
from udfs.vectors.embedder import Embedder
from udfs.vectors.half import unpacked

NAME = "rephrase_similarity"
SIGNALS = (
    Signal(
        NAME,
        "float",
        "cosine",
        "gristmill; docs/rephrase.md",
        "cosine of the vectors of answer and page by [annotate.embedding]; null without one",
    ),
)


def compare(pages: Sequence[Page], embedder: Embedder | None) -> None:
    """Hold each answer against its page; null for a document that no model wrote, and for texts with nothing to embed.

    Each text is embedded once, so the answers to one page that stand together cost its vector once.
    """
    pairs = [(page.extracted or "", dict(page.carried or ()).get("parent_text")) for page in pages]
    texts = list(dict.fromkeys(text for pair in pairs if pair[1] is not None for text in pair if text is not None))
    vectors = dict(zip(texts, embedder.stored(texts), strict=True)) if embedder is not None and texts else {}
    for page, (answer, parent) in zip(pages, pairs, strict=True):
        mine, theirs = vectors.get(answer), vectors.get(parent) if parent is not None else None
        page.found[NAME] = None if mine is None or theirs is None else cosine(mine, theirs)


def cosine(one: bytes, other: bytes) -> float:
    """Return the cosine of two stored vectors, from -1 to 1, to three digits.

    >>> from udfs.vectors.half import packed
    >>> cosine(*packed(np.array([[3, 4], [4, 3]], dtype=np.float32)))
    0.96
    """
    first, second = unpacked([one, other]).astype(np.float64)
    return round(float(np.clip(first @ second, -1.0, 1.0)), 3)  # the vectors are rounded to half precision
