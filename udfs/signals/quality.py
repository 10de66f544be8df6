"""Scores a text with a supervised fastText model, how probable its positive label is, or with a regression of scores."""

import re
from dataclasses import dataclass
from typing import Any

from udfs.models.model_file import load_fasttext, one_line
from udfs.models.ridge import SUFFIX, load_ridge
from udfs.signals.definition import Signal

POSITIVE_LABEL = "__label__hq"

QUALITY_SCORE = "quality_score"  # the signal of a classifier that is not named otherwise
NAME = re.compile(r"quality_[a-z0-9_]+")  # of the signal of any classifier


def signal_of(name: str) -> Signal:
    """Describe the signal of a classifier."""
    return Signal(
        name,
        "float",
        "score",
        "DCLM section 4.4 (arXiv 2406.11794); mlfoundations/dclm baselines/enrichers/enrich_fasttext.py",
        "probability of the positive label of a fastText model over the whole text, newlines as spaces; of a regression, "
        "the score that it predicts",
    )


SIGNALS = (signal_of(QUALITY_SCORE),)


@dataclass(frozen=True)
class Classifier:
    """Name a classifier: the signal that holds its score, its file on the worker with its sha256 or None, and its positive label."""

    signal: str
    model: str
    sha256: str | None
    label: str = POSITIVE_LABEL


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
        if self.path.endswith(SUFFIX):
            load_ridge(self.path, self.sha256)
        else:
            probability_of(load_fasttext(self.path, self.sha256), "", label=self.label)

    def score(self, text: str) -> float | None:
        """Return the probability of the positive label, in [0, 1], or what a regression says; None for blank text."""
        if not text or text.isspace():
            return None
        if self.path.endswith(SUFFIX):
            return load_ridge(self.path, self.sha256).score(one_line(text))
        return probability_of(load_fasttext(self.path, self.sha256), text, label=self.label)


def probability_of(model: Any, text: str, *, label: str) -> float:
    """Return the probability a loaded model gives to a label; scoring and held-out evaluation both call this.

    Raises ValueError if the model has no such label, naming those it has.
    """
    labels, probabilities = model.predict(one_line(text), k=-1)
    if label not in labels:
        known = ", ".join(sorted(labels)[:10])
        raise ValueError(f"the model has no label {label!r}, so no text can be scored; set its label to one of: {known}")
    return min(1.0, max(0.0, float(probabilities[labels.index(label)])))
