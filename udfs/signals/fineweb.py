"""FineWeb's own four heuristics, as numbers, measured on the text that C4's line rules leave (udfs.signals.c4)."""

from collections.abc import Sequence

from udfs.signals.definition import Signal
from udfs.signals.gopher import repeated
from udfs.words.punctuation import TERMINAL, TYPED_STOP

_SOURCE = "FineWeb (arXiv:2406.17557), section 3.6; huggingface/datatrove 0.10.1, pipeline/filters/fineweb_quality_filter.py"
SHORT_LINE = 30  # characters

SIGNALS = (
    Signal(
        "fineweb_terminal_line_ratio", "float", "fraction of lines", _SOURCE,
        "Lines of the C4-cleaned text that end in a terminal mark of any script, of those not blank; 0 where all are.",
    ),
    Signal(
        "fineweb_short_line_ratio", "float", "fraction of lines", _SOURCE,
        f"Lines of the C4-cleaned text of at most {SHORT_LINE} characters, of those not blank.",
    ),
    Signal(
        "fineweb_dup_char_ratio", "float", "fraction of characters", _SOURCE,
        "Characters of lines of the C4-cleaned text that repeat an earlier one, of its characters without line breaks.",
    ),
    Signal(
        "fineweb_newline_word_ratio", "float", "per word", _SOURCE,
        "Line breaks of the C4-cleaned text over its words, punctuation included.",
    ),
)  # fmt: skip


def measure(text: str, words: Sequence[str]) -> dict[str, float]:
    """Measure the C4-cleaned text, of which `words` are the words (udfs.words.split.split_words).

    A text without a line that is not blank, which datatrove drops as "empty", measures 0 terminal lines: its first rule drops it.
    """
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    newlines = text.count("\n")
    ending = sum(line[-1] in TERMINAL or line.endswith(TYPED_STOP) for line in lines)
    short = sum(len(line) <= SHORT_LINE for line in lines)
    return {
        "fineweb_terminal_line_ratio": ending / len(lines) if lines else 0.0,
        "fineweb_short_line_ratio": short / len(lines) if lines else 0.0,
        "fineweb_dup_char_ratio": repeated(lines)[1] / (len(text) - newlines) if lines else 0.0,
        "fineweb_newline_word_ratio": newlines / len(words) if words else 0.0,
    }
