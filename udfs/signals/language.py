"""Identifies the language of a text with a fastText model, lid.176 unless the recipe names another."""

from udfs.models.model_file import load_fasttext, one_line
from udfs.signals.close_languages import close_score
from udfs.signals.definition import Signal
from udfs.words.punctuation import WORDSPACE

# FineWeb scores the whole text, and a cut moves pages over its threshold: of 2,547 real pages the first 1,000
# characters change 86 labels, 10,000 still 8. The bound only keeps a page of 100 MB from costing ten seconds.
MAX_CHARACTERS = 1_000_000
GUESSES = 5  # languages among which a text's probability is shared
MAX_CAPITALS = 0.5
SAMPLE = 1000  # characters, taken evenly, by which capitals are counted: 0.1 ms

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
    Signal(
        "language_close_score",
        "float",
        "probability",
        "gristmill",
        f"probability of that label and the languages close to it, of the {GUESSES} most probable; hr, sr and bs are one group",
    ),
    Signal(
        "capital_ratio",
        "float",
        "fraction of letters",
        "gristmill",
        f"capitals of the letters, those without case included, by {SAMPLE:,} characters taken evenly; above 0.5 language is asked in lower case",
    ),
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

    def measure(self, text: str) -> dict[str, str | float | None]:
        """Return the signals of this module."""
        capitals = capital_ratio(text)
        guesses = self._guesses(text, GUESSES, capitals=capitals)
        language, score = guesses[0] if guesses else (None, None)
        close = close_score(guesses) if guesses else None
        return {
            "language": language,
            "language_score": score,
            "language_close_score": close,
            "capital_ratio": capitals,
        }

    def guesses(self, text: str, count: int) -> list[tuple[str, float]]:
        """Return the `count` most probable languages and their probabilities, the best first; none for blank text.

        A text that is mostly capitals is asked in lower case: models know few capitals, and lid.176 gives English ones 0.2. Ethiopic's
        wordspace is a space: lid.176 gives the Declaration of Human Rights in Amharic 0.38 with it, and 1.00 with spaces.
        """
        return self._guesses(text, count, capitals=capital_ratio(text))

    def _guesses(self, text: str, count: int, *, capitals: float) -> list[tuple[str, float]]:
        if not text or text.isspace():
            return []
        asked = text[:MAX_CHARACTERS].lower() if capitals > MAX_CAPITALS else text[:MAX_CHARACTERS]
        asked = one_line(asked.replace(WORDSPACE, " "))
        labels, probabilities = load_fasttext(self.path, self.sha256).predict(asked, k=count)
        return [(label.removeprefix("__label__"), clamped(p)) for label, p in zip(labels, probabilities, strict=True)]


def capital_ratio(text: str) -> float:
    """Return the share of capitals among all letters, by SAMPLE characters taken evenly; 0 if there are none."""
    sample = text[:: max(1, len(text) // SAMPLE)]
    letters = sum(map(str.isalpha, sample))
    return min(1.0, sum(map(str.isupper, sample)) / letters) if letters else 0.0  # Roman numerals are capitals, and no letters


def clamped(probability: float) -> float:
    """Return a probability within [0, 1]: fastText's softmax returns up to 1.00001."""
    return min(1.0, max(0.0, float(probability)))
