"""Identifies the language of a text with a fastText model, lid.176 unless the recipe names another."""

from udfs.models.model_file import load_fasttext, one_line
from udfs.signals.definition import Signal

# FineWeb scores the whole text, and a cut moves pages over its threshold: of 2,547 real pages the first 1,000
# characters change 86 labels, 10,000 still 8. The bound only keeps a page of 100 MB from costing ten seconds.
MAX_CHARACTERS = 1_000_000

_SOURCE = "FineWeb; huggingface/datatrove src/datatrove/utils/lid.py"

SIGNALS = (
    Signal(
        "language",
        "string",
        "label of the model",
        _SOURCE,
        "most probable label of the language model over the whole text",
    ),
    Signal("language_score", "float", "probability", _SOURCE, "probability of that label, clamped to [0, 1]"),
)


class LanguageModel:
    """Hold a language model by path and sha256, loaded at first use in each process, so that it can be pickled."""

    def __init__(self, path: str, *, sha256: str | None) -> None:
        self.path = path
        self.sha256 = sha256

    def load(self) -> None:
        """Load the model now, so that a bad file stops the task instead of failing every document."""
        load_fasttext(self.path, self.sha256)

    def identify(self, text: str) -> tuple[str | None, float | None]:
        """Return the most probable language and its probability, or (None, None) for blank text.

        The label is the model's without its "__label__" prefix ("en" in lid.176, "eng_Latn" in others). Newlines become
        spaces; text beyond MAX_CHARACTERS is not read.
        """
        return next(iter(self.guesses(text, 1)), (None, None))

    def guesses(self, text: str, count: int) -> list[tuple[str, float]]:
        """Return the `count` most probable languages and their probabilities, the best first; none for blank text."""
        if not text or text.isspace():
            return []
        labels, probabilities = load_fasttext(self.path, self.sha256).predict(one_line(text[:MAX_CHARACTERS]), k=count)
        return [(label.removeprefix("__label__"), clamped(p)) for label, p in zip(labels, probabilities, strict=True)]


def clamped(probability: float) -> float:
    """Return a probability within [0, 1]: fastText's softmax returns up to 1.00001."""
    return min(1.0, max(0.0, float(probability)))
