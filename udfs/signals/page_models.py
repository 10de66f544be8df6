"""What models say of a page: its language, its perplexity, its quality, its labels and its vector."""

from collections.abc import Sequence

from udfs.signals import rephrase_similarity
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotated_page import Page
from udfs.signals.language import LanguageModel
from udfs.signals.perplexity import PerplexityModels
from udfs.signals.quality import QualityModel
from udfs.signals.sets import set_name
from udfs.vectors.embedder import Embedder


class PageModels:
    """Hold the models of a pass by path and sha256.

    They are loaded at first use in each worker and kept by their module, so a reused worker loads them once.
    """

    def __init__(self, settings: AnnotateSettings) -> None:
        self._sets = set(settings.sets)
        self.language = LanguageModel(settings.language_model, sha256=settings.language_sha256)
        self._perplexity = PerplexityModels(settings.perplexity_models, faithful=settings.perplexity_faithful)
        self._embedder = Embedder(settings.embedding) if settings.embedding is not None else None
        self.quality = {
            one.signal: QualityModel(one.model, sha256=one.sha256, label=one.label)
            for one in settings.classifiers
            if set_name(one.signal) in settings.sets
        }
        wanted = [one for one in settings.labellers if one.signal in settings.sets]
        self.labellers = [one for one in wanted if not one.of_vectors]
        self.vector_labellers = [one for one in wanted if one.of_vectors]

    def load(self) -> None:
        """Load what the pass needs now, so that a bad file stops the task instead of failing every document."""
        if {"language", "perplexity", "rephrase"} & self._sets:
            self.language.load()
        if "perplexity" in self._sets:
            self._perplexity.load()
        embeds = bool({"embedding", "rephrase_similarity"} & self._sets or self.vector_labellers)
        if embeds and self._embedder is not None:
            self._embedder.load()
        for model in self.quality.values():
            model.load()
        for labeller in (*self.labellers, *self.vector_labellers):
            labeller.load()

    def identify(self, page: Page) -> None:
        """Find the language of the text."""
        page.found |= self.language.measure(page.text)

    def take_perplexity(self, page: Page) -> None:
        """Ask the model of the page's language, which is that of the extracted text."""
        assert page.extracted is not None
        if not self._perplexity.files:
            page.found["perplexity"] = None
            return
        language = page.found["language"] if "language" in page.found else self.language.identify(page.extracted)[0]
        page.found["perplexity"] = self._perplexity.measure(page.text, language)

    def score(self, page: Page) -> None:
        """Score the text by each classifier."""
        page.found |= {signal: model.score(page.text) for signal, model in self.quality.items()}

    def label(self, page: Page) -> None:
        """Name the text by each labeller of texts."""
        page.found |= {one.signal: one.label(page.text) for one in self.labellers}

    def compare(self, pages: Sequence[Page]) -> None:
        """Hold what a model wrote against its page by their vectors; null without an embedder."""
        rephrase_similarity.compare(pages, self._embedder)

    def embed(self, pages: Sequence[Page]) -> None:
        """Embed pages together, which a GPU is fast at; null without an embedder."""
        vectors = self._embedder.stored([page.text for page in pages]) if self._embedder is not None else [None] * len(pages)
        for page, vector in zip(pages, vectors, strict=True):
            page.found["embedding"] = vector

    def label_vectors(self, pages: Sequence[Page]) -> None:
        """Name pages by each labeller of vectors. A pass that makes no vectors for the product makes them for this."""
        if "embedding" in self._sets:
            vectors = [page.found["embedding"] for page in pages]
        else:
            assert self._embedder is not None
            vectors = self._embedder.stored([page.text for page in pages])
        for page, vector in zip(pages, vectors, strict=True):
            page.found |= {one.signal: one.of_vector(vector) for one in self.vector_labellers}
