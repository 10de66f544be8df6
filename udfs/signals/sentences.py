"""Counts the sentences of the text that is published, whatever recipe measures it."""

from udfs.signals.definition import Signal
from udfs.words.split import count_sentences

SIGNALS = (
    Signal(
        "sentence_count", "int", "sentences", "spaCy 3.8, pipeline/sentencizer.pyx, by lines",
        "Sentences of the text after line edits; a line that is not blank ends one.",
    ),
)  # fmt: skip


def measure(text: str) -> dict[str, int]:
    """Return the signals of a text."""
    return {"sentence_count": sum(count_sentences(line) for line in text.splitlines() if line and not line.isspace())}
