"""Turn pages with gold text into rows for training: one row a block, with features, label, weight and words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.extraction.block_labels import label_blocks
from bench.extraction.gold_page import GoldPage, html_of
from bench.extraction.score import tokens
from udfs.blocks import tags
from udfs.blocks.attributes import ClassWords
from udfs.blocks.characters import CharacterTable
from udfs.blocks.features import describe
from udfs.blocks.page import Page, read_page
from udfs.page.extractor import PageRequest

MAX_WEIGHT = 0.5  # of a page: one block that is the whole page must not decide the training
_MARKS = dict.fromkeys(range(1, 7), " ") | {0: None}


@dataclass(frozen=True)
class PageRows:
    """One page's blocks; the arrays have one row or entry a block."""

    page: GoldPage
    features: np.ndarray  # float32
    labels: np.ndarray  # bool
    words: tuple[tuple[str, ...], ...]
    sizes: np.ndarray  # int64: words as the features count them
    read: Page


@dataclass(frozen=True)
class Table:
    """All rows; page i has the rows bounds[i] … bounds[i + 1] - 1."""

    names: tuple[str, ...]
    pages: tuple[PageRows, ...]
    bounds: np.ndarray
    features: np.ndarray
    labels: np.ndarray
    weights: np.ndarray


def rows_of(page: GoldPage, table: CharacterTable) -> tuple[tuple[str, ...], PageRows] | None:
    """Read one page with gold text; None where nothing is visible or nobody said what its text is."""
    if page.gold is None:
        return None
    read = blocks_of(page.request, table)
    if read is None:
        return None
    described = describe(read, ClassWords())
    words = tuple(tuple(tokens(block)) for block in block_texts(read))
    labels = np.array(label_blocks(words, tokens(page.gold)))
    features = np.array(list(described.values()), dtype=np.float32).T
    return tuple(described), PageRows(page, features, labels, words, read.counts["words"], read)


def blocks_of(request: PageRequest, table: CharacterTable) -> Page | None:
    """Divide a page into blocks as the product does; None where nothing is visible, and of what is no HTML."""
    html = html_of(request)
    return read_page(html, table) if html is not None else None


def block_texts(page: Page) -> list[str]:
    """Return the text of every block, with spaces for the marks."""
    return [page.text[begin:end].translate(_MARKS) for begin, end in zip(page.begin.tolist(), page.end.tolist(), strict=True)]


def weights_of(rows: PageRows, names: Sequence[str]) -> np.ndarray:
    """Weigh a block by its share of what the page's score is made of: the words of gold and page.

    Of pages that were read, what the reader left out on principle has no weight: titles, and comments on articles. News has titles in
    its gold, and the posts of a thread stand in the same classes as comments.
    """
    sizes = rows.sizes.astype(np.float64)
    gold = max(len(tokens(rows.page.gold or "")), 40)
    weights: np.ndarray = np.minimum(sizes / (gold + 0.25 * sizes.sum()), MAX_WEIGHT)
    weights += 0.02 * weights.mean()
    if rows.page.column in ("read", "forms"):
        outline = rows.read.outline
        weights[outline.element_tag[outline.gap_element[rows.read.gap]] == tags.IDS["h1"]] = 0
        if rows.page.kind == "article":
            weights[rows.features[:, names.index("around_comment")] > 0] = 0
    return weights


def table_of(found: Sequence[tuple[tuple[str, ...], PageRows]]) -> Table:
    """Put the rows of all pages under each other."""
    pages = tuple(rows for _, rows in found)
    bounds = np.cumsum([0, *(len(rows.labels) for rows in pages)])
    weights = np.concatenate([weights_of(rows, found[0][0]) for rows in pages])
    return Table(
        names=found[0][0],
        pages=pages,
        bounds=bounds,
        features=np.concatenate([rows.features for rows in pages]),
        labels=np.concatenate([rows.labels for rows in pages]),
        weights=weights / weights.mean(),
    )
