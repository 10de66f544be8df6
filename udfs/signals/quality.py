"""Scores a text with a supervised fastText model: how probable its positive label is."""

from typing import Any

from udfs.models.model_file import load_fasttext, one_line
from udfs.signals.definition import Signal

POSITIVE_LABEL = "__label__hq"

SIGNALS = (
    Signal(
        "quality_score",
        "float",
        "probability",
        "DCLM section 4.4 (arXiv 2406.11794); mlfoundations/dclm baselines/enrichers/enrich_fasttext.py",
        "probability of the positive label of a fastText model over the whole text, newlines as spaces",
    ),
)


class QualityModel:
    """Hold a quality model by path, sha256 and positive label, loaded at first use in each process."""

    def __init__(self, path: str, *, sha256: str | None, label: str = POSITIVE_LABEL) -> None:
        self.path = path
        self.sha256 = sha256
        self.label = label

    def load(self) -> None:
        """Load the model now, so that a bad file or label stops the task instead of failing every document.

        Raises ModelError, or ValueError if the model has no such label.
        """
        probability_of(load_fasttext(self.path, self.sha256), "", label=self.label)

    def score(self, text: str) -> float | None:
        """Return the probability of the positive label in [0, 1], or None for blank text."""
        if not text or text.isspace():
            return None
        return probability_of(load_fasttext(self.path, self.sha256), text, label=self.label)


def probability_of(model: Any, text: str, *, label: str) -> float:
    """Return the probability a loaded model gives to a label; scoring and held-out evaluation both call this.

    Raises ValueError if the model has no such label, naming those it has.
    """
    labels, probabilities = model.predict(one_line(text), k=-1)
    if label not in labels:
        known = ", ".join(sorted(labels)[:10])
        raise ValueError(f"the model has no label {label!r}, so no text can be scored; set `quality_label` to one of: {known}")
    return min(1.0, max(0.0, float(probabilities[labels.index(label)])))
