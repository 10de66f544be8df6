"""Gopher's quality and repetition heuristics, as numbers: what a page looks like, whatever the thresholds.

The statistics are those of datatrove 0.10.1 (FineWeb's), which differ from DCLM's and Dolma's under the same thresholds: only
the copies after the first count as duplicates, and shares of characters are of len(text). A share of nothing is 0.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from udfs.signals.definition import Signal
from udfs.signals.repeated_ngrams import Numbers, repeats
from udfs.words.punctuation import SYMBOLS

_QUALITY = "Gopher (arXiv:2112.11446), table A1; huggingface/datatrove 0.10.1, pipeline/filters/gopher_quality_filter.py"
_REPETITION = "Gopher (arXiv:2112.11446), table A1; huggingface/datatrove 0.10.1, pipeline/filters/gopher_repetition_filter.py"

STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
TOP_NGRAMS = (2, 3, 4)
DUP_NGRAMS = (5, 6, 7, 8, 9, 10)

SIGNALS = (
    Signal("word_count", "int", "words", _QUALITY, "Words of the text, without those made of punctuation alone."),
    Signal(
        "mean_word_length", "float", "characters", _QUALITY,
        "Mean length of the words that word_count counts; 0 where there is none.",
    ),
    Signal("hash_ratio", "float", "per word", _QUALITY, "Number signs over all words, punctuation included."),
    Signal("ellipsis_ratio", "float", "per word", _QUALITY, "'...' and '…' over all words, punctuation included."),
    Signal("bullet_line_ratio", "float", "fraction of lines", _QUALITY, "Lines that start with '•' or '-', of all lines."),
    Signal("ellipsis_line_ratio", "float", "fraction of lines", _QUALITY, "Lines that end with '...' or '…', of all lines."),
    Signal(
        "alpha_word_ratio", "float", "fraction of words", _QUALITY,
        "Words with at least one letter, of all words, punctuation included.",
    ),
    Signal(
        "stop_word_count", "int", "words", _QUALITY,
        "How many of the, be, to, of, and, that, have, with occur at least once, in lower case.",
    ),
    Signal("dup_paragraph_ratio", "float", "fraction of paragraphs", _REPETITION, "Paragraphs that repeat an earlier one."),
    Signal(
        "dup_paragraph_char_ratio", "float", "fraction of characters", _REPETITION,
        "Characters in paragraphs that repeat an earlier one, of the text.",
    ),
    Signal("dup_line_ratio", "float", "fraction of lines", _REPETITION, "Lines that repeat an earlier one; blank lines do not count."),
    Signal(
        "dup_line_char_ratio", "float", "fraction of characters", _REPETITION,
        "Characters in lines that repeat an earlier one, of the text.",
    ),
    *(
        Signal(
            f"top_{n}gram_char_ratio", "float", "characters per character", _REPETITION,
            f"Occurrences times length of the most frequent run of {n} words (the first of equals), joined by spaces, of the text; may exceed 1.",
        )
        for n in TOP_NGRAMS
    ),
    *(
        Signal(
            f"dup_{n}gram_char_ratio", "float", "fraction of characters", _REPETITION,
            f"Characters, without spaces, in runs of {n} words seen before, counted left to right without overlap, of the text.",
        )
        for n in DUP_NGRAMS
    ),
)  # fmt: skip

_PARAGRAPH_BREAK = re.compile(r"\n{2,}")


def quality(text: str, words: Sequence[str]) -> dict[str, int | float]:
    """Measure a text of which `words` are the words (udfs.words.split.split_words); costs about a third of repetition()."""
    counts = Counter(words)
    unlike = [word for word in counts if not word.isalpha()]  # a tenth of the words: the rest needs no second look
    symbols = [word for word in unlike if SYMBOLS.issuperset(word)]
    word_count = len(words) - sum(counts[word] for word in symbols)
    characters = sum(map(len, words)) - sum(counts[word] * len(word) for word in symbols)
    letterless = sum(counts[word] for word in unlike if not any(map(str.isalpha, word)))
    lines = text.splitlines()
    ellipses = text.count("...") + text.count("…")
    return {
        "word_count": word_count,
        "mean_word_length": _share(characters, word_count),
        "hash_ratio": _share(text.count("#"), len(words)),
        "ellipsis_ratio": _share(ellipses, len(words)),
        "bullet_line_ratio": _share(sum(line.lstrip().startswith(("•", "-")) for line in lines), len(lines)),
        "ellipsis_line_ratio": _share(sum(line.rstrip().endswith(("...", "…")) for line in lines if ellipses), len(lines)),
        "alpha_word_ratio": _share(len(words) - letterless, len(words)),
        "stop_word_count": sum(word in counts for word in STOP_WORDS),
    }


def repetition(text: str, words: Sequence[str]) -> dict[str, int | float]:
    """Measure how much of a text, of which `words` are the words, repeats itself."""
    paragraphs = _PARAGRAPH_BREAK.split(text.strip()) if "\n\n" in text else [text.strip()]
    lines = [line for line in text.split("\n") if line]
    lines += [""] * (text.startswith("\n") + text.endswith("\n") if text else 1)  # the source's split leaves these two
    repeated_paragraphs, paragraph_chars = repeated(paragraphs)
    repeated_lines, line_chars = repeated(lines)
    measured: dict[str, int | float] = {
        "dup_paragraph_ratio": _share(repeated_paragraphs, len(paragraphs)),
        "dup_paragraph_char_ratio": _share(paragraph_chars, len(text)),
        "dup_line_ratio": _share(repeated_lines, len(lines)),
        "dup_line_char_ratio": _share(line_chars, len(text)),
    }
    top_chars, places = _top_ngram_chars(words)
    for n, chars in top_chars.items():
        measured[f"top_{n}gram_char_ratio"] = _share(chars, len(text))
    for n, chars in _dup_ngram_chars(words, places).items():
        measured[f"dup_{n}gram_char_ratio"] = _share(chars, len(text))
    return measured


def repeated(items: Sequence[str]) -> tuple[int, int]:
    """Return how many items repeat an earlier one, and their characters."""
    distinct = set(items)
    return len(items) - len(distinct), sum(map(len, items)) - sum(map(len, distinct))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _top_ngram_chars(words: Sequence[str]) -> tuple[dict[int, int], Numbers]:
    """Return by n occurrences times length of the most frequent n-gram, and the places where repeated 4-grams start.

    If all n-grams of a size occur once, the first of the text is the most frequent.
    """
    chars: dict[int, int] = {}
    places = np.arange(0)
    for n, places, times in repeats(words, TOP_NGRAMS):
        first_of_most = times.argmax() if len(places) else None
        most, top = (1, 0) if first_of_most is None else (int(times[first_of_most]), int(places[first_of_most]))
        chars[n] = most * (sum(map(len, words[top : top + n])) + n - 1) if len(words) >= n else 0
    return chars, places


def _dup_ngram_chars(words: Sequence[str], places: Numbers) -> dict[int, int]:
    """Return by n the characters of n-grams seen before; after a repeated one the search goes on behind it.

    Only `places`, where repeated 4-grams start, can start longer ones. The source compares the words of an n-gram joined
    without spaces, so do we; only n-grams whose words differ and whose joined characters do not may be told apart here
    where the source does not (no share of 4,046 English texts moved).
    """
    starts: list[int] = places.tolist()
    chars: dict[int, int] = {}
    for n in DUP_NGRAMS:
        while starts and starts[-1] + n > len(words):
            starts.pop()
        ngrams = ["".join(words[start : start + n]) for start in starts]
        chars[n] = _dup_chars(ngrams, starts, n) if len(set(ngrams)) < len(ngrams) else 0
    return chars


def _dup_chars(ngrams: Sequence[str], starts: Sequence[int], n: int) -> int:
    chars, free = 0, 0
    seen: set[str] = set()
    for start, ngram in zip(starts, ngrams, strict=True):
        if start < free:
            continue
        if ngram in seen:
            chars += len(ngram)
            free = start + n
        else:
            seen.add(ngram)
    return chars
