"""Gopher's quality and repetition heuristics, as numbers: what a page looks like, whatever the thresholds.

The statistics are those of datatrove 0.10.1 (FineWeb's), which differ from DCLM's and Dolma's under the same thresholds: only
the copies after the first count as duplicates, and shares of characters are of len(text). A share of nothing is 0.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise

from udfs.punctuation import SYMBOLS
from udfs.signal import Signal

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
            f"top_{n}gram_char_ratio", "float", "fraction of characters", _REPETITION,
            f"Occurrences times length of the most frequent run of {n} words (the first of equals), joined by spaces, of the text.",
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
_LINE_BREAK = re.compile(r"\n+")


def quality(text: str, words: Sequence[str]) -> dict[str, int | float]:
    """Measure a text of which `words` are the words (udfs.words.split_words); costs about a third of repetition()."""
    counts = Counter(words)
    worded = [(len(word), count) for word, count in counts.items() if word.isalpha() or not SYMBOLS.issuperset(word)]
    word_count = sum(count for _, count in worded)
    alphabetic = sum(count for word, count in counts.items() if word.isalpha() or any(map(str.isalpha, word)))
    lines = text.splitlines()
    return {
        "word_count": word_count,
        "mean_word_length": _share(sum(length * count for length, count in worded), word_count),
        "hash_ratio": _share(text.count("#"), len(words)),
        "ellipsis_ratio": _share(text.count("...") + text.count("…"), len(words)),
        "bullet_line_ratio": _share(sum(line.lstrip().startswith(("•", "-")) for line in lines), len(lines)),
        "ellipsis_line_ratio": _share(sum(line.rstrip().endswith(("...", "…")) for line in lines), len(lines)),
        "alpha_word_ratio": _share(alphabetic, len(words)),
        "stop_word_count": sum(word in counts for word in STOP_WORDS),
    }


def repetition(text: str, words: Sequence[str]) -> dict[str, int | float]:
    """Measure how much of a text, of which `words` are the words, repeats itself."""
    paragraphs = _PARAGRAPH_BREAK.split(text.strip())
    lines = _LINE_BREAK.split(text)
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


def _top_ngram_chars(words: Sequence[str]) -> tuple[dict[int, int], Sequence[int]]:
    """Return by n occurrences times length of the most frequent n-gram, and the places where repeated 4-grams start.

    A longer n-gram repeats only where its first words do, so each pass visits only the places that the last one found: on
    most pages a third for 3-grams, a tenth for 4-grams.
    """
    chars: dict[int, int] = {}
    places: Sequence[int] = range(len(words))
    for n in TOP_NGRAMS:
        if n == 2:
            ngrams: list[tuple[str, ...]] = list(pairwise(words))
        else:
            ngrams = [tuple(words[place : place + n]) for place in places if place + n <= len(words)]
        counts = Counter(ngrams)
        top, count = counts.most_common(1)[0] if counts else (tuple(words[:n]), 1)
        if count == 1:
            top = tuple(words[:n])  # all occur once: the first of the text, which may have started at no place visited
        chars[n] = count * (sum(map(len, top)) + n - 1) if len(words) >= n else 0
        places = [place for place, ngram in zip(places, ngrams, strict=False) if counts[ngram] > 1]
    return chars, places


def _dup_ngram_chars(words: Sequence[str], places: Sequence[int]) -> dict[int, int]:
    """Return by n the characters of n-grams seen before; after a repeated one the search goes on behind it.

    Only `places`, where repeated 4-grams start, can start longer ones. The source compares the words of an n-gram joined
    without spaces, so do we; only n-grams whose words differ and whose joined characters do not may be told apart here
    where the source does not (no share of 4,046 English texts moved).
    """
    joined = "".join(words)
    starts = [0, *accumulate(map(len, words))]
    chars: dict[int, int] = {}
    for n in DUP_NGRAMS:
        chars[n], free = 0, 0
        seen: set[str] = set()
        for place in places:
            if place < free:
                continue
            if place + n > len(words):
                break
            ngram = joined[starts[place] : starts[place + n]]
            if ngram in seen:
                chars[n] += len(ngram)
                free = place + n
            else:
                seen.add(ngram)
    return chars
