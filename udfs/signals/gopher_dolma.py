"""Gopher's repetition rules as Dolma counts them: words are what white space parts, and characters count as often as an n-gram has them.

gopher.py has datatrove's statistics, gopher_dclm.py DCLM's.
"""

import re
from collections.abc import Sequence

from udfs.signals.definition import Signal
from udfs.signals.gopher import DUP_NGRAMS, TOP_NGRAMS
from udfs.signals.repeated_ngrams import lengths_of, repeats
from udfs.signals.repeated_parts import all_copies

_SOURCE = "Gopher (arXiv:2112.11446), table A1; allenai/dolma, python/dolma/taggers/gopher.py (gopher_v1)"
_SOURCE_2 = "Gopher (arXiv:2112.11446), table A1; allenai/dolma, python/dolma/taggers/gopher.py (gopher_v2)"

SIGNALS = (
    Signal("dolma_dup_line_ratio", "float", "fraction of lines", _SOURCE, "Lines that occur more than once, all copies, empty ones too, of all lines."),
    Signal(
        "dolma_dup_line_char_ratio", "float", "characters per character", _SOURCE,
        "Characters of lines that occur more than once, all copies, over those of words; may exceed 1.",
    ),
    Signal(
        "dolma_dup_filled_line_ratio", "float", "fraction of lines", _SOURCE_2,
        "The same as dolma_dup_line_ratio where several line breaks are one, so that empty lines do not count.",
    ),
    *(
        Signal(
            f"dolma_top_{n}gram_char_ratio", "float", "characters per character", _SOURCE,
            f"Occurrences times length of the most frequent run of {n} words, the first of equals, over the characters of words; may exceed 1.",
        )
        for n in TOP_NGRAMS
    ),
    *(
        Signal(
            f"dolma_dup_{n}gram_char_ratio", "float", "fraction of characters", _SOURCE,
            f"Characters of runs of {n} words that occur more than once, of those of all runs of {n} words; runs overlap, so a word counts {n} times.",
        )
        for n in DUP_NGRAMS
    ),
)  # fmt: skip

_LINE_BREAKS = re.compile(r"\n+")


def repetition(text: str) -> dict[str, float]:
    """Measure how much of a text repeats itself; a share of nothing is 0."""
    words = text.split()
    line_ratio, line_chars = _repeated(text.split("\n"))
    filled_ratio, _ = _repeated(_LINE_BREAKS.split(text))
    return {
        "dolma_dup_line_ratio": line_ratio,
        "dolma_dup_line_char_ratio": line_chars / max(1, sum(map(len, words))),
        "dolma_dup_filled_line_ratio": filled_ratio,
        **_ngrams(words),
    }


def _repeated(lines: Sequence[str]) -> tuple[float, int]:
    """Return the share of the lines that occur more than once, and their characters."""
    copies, characters = all_copies(lines)
    return copies / len(lines), characters


def _ngrams(words: Sequence[str]) -> dict[str, float]:
    _, sums = lengths_of(words)
    measured: dict[str, float] = {}
    for n, places, times in repeats(words, (*TOP_NGRAMS, *DUP_NGRAMS)):
        lengths = sums[places + n] - sums[places]
        if n in TOP_NGRAMS:
            top = times.argmax() if len(places) else None  # if all occur once, Dolma takes the first n-gram of the text
            chars = int(times[top] * lengths[top]) if top is not None else int(sums[n] if len(words) >= n else 0)
            measured[f"dolma_top_{n}gram_char_ratio"] = chars / int(sums[-1]) if chars else 0.0
        else:
            every = int((sums[n:] - sums[: len(sums) - n]).sum()) if len(words) >= n else 0
            measured[f"dolma_dup_{n}gram_char_ratio"] = int(lengths.sum()) / every if every else 0.0
    return measured
