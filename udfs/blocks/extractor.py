"""Take a page's main text by blocks."""

from dataclasses import dataclass, field

import numpy as np
from resiliparse.parse.html import HTMLTree

from udfs.blocks.attributes import ClassWords
from udfs.blocks.choice import choose
from udfs.blocks.features import describe
from udfs.blocks.layout import Format, lay_out
from udfs.blocks.model import Model, shipped_model
from udfs.blocks.page import Page, page_of, without_marks
from udfs.blocks.rules import mend
from udfs.blocks.trees import scores

MIN_PROSE_WORDS = 10  # of a block that shows a page's language


@dataclass(frozen=True)
class BlockReading:
    """One page that was divided, and nothing more yet."""

    page: Page | None

    def rough_text(self) -> str:
        """Return all text that is no link, the long blocks first: enough to tell the language, and whether there are words."""
        page = self.page
        if page is None:
            return ""
        plain = 2 * page.counts["linked"] <= page.counts["visible"]
        long = plain & (page.counts["words"] >= MIN_PROSE_WORDS)
        order = np.concatenate((np.flatnonzero(long), np.flatnonzero(plain & ~long)))
        begins, ends = page.begin[order].tolist(), page.end[order].tolist()
        return without_marks("\n".join(page.text[begin:end] for begin, end in zip(begins, ends, strict=True)))


@dataclass(frozen=True)
class BlockExtractor:
    """Extract main texts with one model; the same page gives the same text, whatever came before."""

    model: Model = field(default_factory=shipped_model)
    words: ClassWords = field(default_factory=ClassWords)

    def read(self, html: str, tree: HTMLTree) -> BlockReading:
        """Divide a page that was made fit for parsers (page/fit_html.py), given its source and its tree, which stays as it is."""
        return BlockReading(page_of(tree, html, self.model.table))

    def text(self, reading: BlockReading, *, format: Format = "text") -> str:
        """Return the main text of a page; "" if it has none."""
        page = reading.page
        return lay_out(page, self.kept(page), format=format) if page is not None else ""

    def kept(self, page: Page) -> np.ndarray:
        """Return which blocks belong to the main text."""
        probability = self.probabilities(page)
        return mend(page, choose(probability, page.counts["words"], least=self.model.least), probability)

    def probabilities(self, page: Page) -> np.ndarray:
        """Return the probability of each block, in units of choice.PROBABILITY_ONE."""
        described = describe(page, self.words)
        rows = [described[name] for name in self.model.features]
        features = np.concatenate(rows, dtype=np.float32, casting="unsafe").reshape(len(rows), -1)
        return self.model.probabilities(scores(self.model.forest, features))
