"""Names the topic or the format of a text: the likeliest label of a fastText model, as a signal that a recipe names."""

import re
from dataclasses import dataclass

from udfs.models.model_file import PREFIX, load_fasttext, one_line
from udfs.signals.definition import Signal

NAME = re.compile(r"label_[a-z0-9_]+")  # of the signal of any labeller


def signal_of(name: str) -> Signal:
    """Describe the signal of a labeller."""
    return Signal(
        name,
        "string",
        "label",
        "gristmill, after WebOrganizer (arXiv 2502.10341)",
        "the likeliest label of a fastText model over the whole text, newlines as spaces; null for blank text",
    )


@dataclass(frozen=True)
class Labeller:
    """Name a labeller: the signal that holds its label, and its file on the worker with its sha256 or None."""

    signal: str
    model: str
    sha256: str | None

    def load(self) -> None:
        """Load the model now, so that a bad file stops the task instead of failing every document. Raises ModelError."""
        load_fasttext(self.model, self.sha256)

    def label(self, text: str) -> str | None:
        """Return the likeliest label, without the prefix that it has in the file; None for blank text."""
        if not text or text.isspace():
            return None
        labels, _ = load_fasttext(self.model, self.sha256).predict(one_line(text), k=1)
        return labels[0].removeprefix(PREFIX) if labels else None
