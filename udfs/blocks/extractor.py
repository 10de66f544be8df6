"""Take a page's main text by blocks."""

from dataclasses import dataclass, field

import numpy as np

from udfs.blocks.attributes import ClassWords
from udfs.blocks.choice import choose
from udfs.blocks.features import describe
from udfs.blocks.layout import Format, lay_out
from udfs.blocks.model import Model, shipped_model
from udfs.blocks.page import Page, read_page
from udfs.blocks.trees import scores


@dataclass(frozen=True)
class BlockExtractor:
    """Extract main texts with one model; the same page gives the same text, whatever came before."""

    model: Model = field(default_factory=shipped_model)
    words: ClassWords = field(default_factory=ClassWords)

    def text(self, html: str, *, format: Format = "text") -> str:
        """Return the main text of a page; "" if it has none. XHTML is opened before (markup.open_self_closed)."""
        page = read_page(html, self.model.tables)
        return lay_out(page, self.kept(page), format=format) if page is not None else ""

    def kept(self, page: Page) -> np.ndarray:
        """Return which blocks belong to the main text."""
        return choose(self.probabilities(page), page.counts["words"], least=self.model.least)

    def probabilities(self, page: Page) -> np.ndarray:
        """Return the probability of each block, in units of choice.PROBABILITY_ONE."""
        described = describe(page, self.words)
        features = np.array([described[name] for name in self.model.features], dtype=np.float32)
        return self.model.probabilities(scores(self.model.forest, features))
