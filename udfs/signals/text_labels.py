"""Names the topic or the format of a text by a model of many labels, as a signal that a recipe names.

The model is fastText's, on the text, or ridge regression on the document's vector.
"""

import re
from dataclasses import dataclass

from udfs.models.model_file import PREFIX, labels_of, load_fasttext, one_line
from udfs.signals.definition import Signal
from udfs.vectors import label_model
from udfs.vectors.scheme import LABELS

NAME = re.compile(r"label_[a-z0-9_]+")  # of the signal of any labeller


def signal_of(name: str) -> Signal:
    """Describe the signal of a labeller."""
    return Signal(
        name,
        "string",
        "label",
        "gristmill, after WebOrganizer (arXiv 2502.10341)",
        "the likeliest label of a fastText model over the whole text, newlines as spaces, or of ridge regression on the vector; null for "
        "blank text",
    )


@dataclass(frozen=True)
class Labeller:
    """Name a labeller: the signal that holds its label, and its file on the worker with its sha256 or None."""

    signal: str
    model: str
    sha256: str | None

    @property
    def of_vectors(self) -> bool:
        """Tell whether the model names vectors; otherwise it names texts."""
        return self.model.endswith(LABELS)

    def load(self) -> None:
        """Load the model now, so that a bad file stops the task instead of failing every document. Raises ModelError."""
        if self.of_vectors:
            label_model.loaded(self.model, self.sha256)
        else:
            load_fasttext(self.model, self.sha256)

    def names(self) -> tuple[str, ...]:
        """Return the labels that there are."""
        return label_model.loaded(self.model, self.sha256).names if self.of_vectors else labels_of(self.model)

    def of_vector(self, stored: bytes | None) -> str | None:
        """Return the likeliest label of a stored vector; None without one."""
        return label_model.loaded(self.model, self.sha256).labels([stored])[0]

    def label(self, text: str) -> str | None:
        """Return the likeliest label of a text, without the prefix that it has in the file; None for blank text."""
        if not text or text.isspace():
            return None
        labels, _ = load_fasttext(self.model, self.sha256).predict(one_line(text), k=1)
        return labels[0].removeprefix(PREFIX) if labels else None
