"""RedPajama-V2's quality signals under the names of its data, all of the text that was extracted; those of lines as one number a page.

The data has `rps_doc_*` a document and `rps_lines_*` a line. A rule sees one row, so the latter are averages over lines here.
"""

import math
import re
import string
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from udfs.signals.definition import Signal
from udfs.signals.repeated_ngrams import Numbers, Repeats, covered, lengths_of, repeats
from udfs.words.normal_forms import decomposed
from udfs.words.word_punct import word_punct

_CODE = "RedPajama-V2 (arXiv:2411.12372), table 5; togethercomputer/RedPajama-Data app/src/core/quality_signals"
_CONTENT, _NATURAL = f"{_CODE}/content.py", f"{_CODE}/natural_language.py"
_REPETITION, _LINES = f"{_CODE}/repetitions.py", f"{_CODE}/lines.py"
TOP_NGRAMS = (2, 3, 4)
DUP_NGRAMS = (5, 6, 7, 8, 9, 10)

SIGNALS = (
    Signal(
        "rps_doc_ldnoobw_words", "int", "words", _CONTENT,
        "Occurrences of entries of the lists of kind bad_words for the text's language; null without any such list.",
    ),
    Signal("rps_doc_lorem_ipsum", "float", "per character", _CONTENT, "Occurrences of 'lorem ipsum' over the normalised characters."),
    Signal("rps_doc_curly_bracket", "float", "fraction of characters", _CONTENT, "'{' and '}', of the text."),
    Signal(
        "rps_doc_stop_word_fraction", "float", "fraction of words", _CONTENT,
        "Raw words in the lists of kind stop_words for the text's language; null without any such list.",
    ),
    Signal("rps_doc_num_sentences", "int", "sentences", _NATURAL, r"Matches of \b[^.!?]+[.!?]*."),
    Signal("rps_doc_word_count", "int", "words", _NATURAL, "Normalised words."),
    Signal("rps_doc_mean_word_length", "float", "characters", _NATURAL, "Mean length of the normalised words; null where there is none."),
    Signal("rps_doc_symbol_to_word_ratio", "float", "per word", _NATURAL, "'#', '...' and '…' over the raw words; null without words."),
    Signal(
        "rps_doc_frac_lines_end_with_ellipsis", "float", "fraction of lines", _NATURAL,
        "Lines that end in '...' or '…'; null where there is no line.",
    ),
    Signal("rps_doc_frac_no_alph_words", "float", "fraction of words", _NATURAL, "Raw words without one of A to Z, in either case."),
    Signal("rps_doc_frac_unique_words", "float", "fraction of words", _NATURAL, "Different normalised words, of all of them."),
    Signal("rps_doc_unigram_entropy", "float", "nats", _NATURAL, "Entropy of the normalised words, by the natural logarithm."),
    Signal("rps_doc_frac_all_caps_words", "float", "fraction of words", _NATURAL, "Raw words of which every letter is a capital."),
    *(
        Signal(
            f"rps_doc_frac_chars_top_{n}gram", "float", "characters per character", _REPETITION,
            f"Occurrences times characters of the most frequent run of {n} normalised words, of their characters; 0 if it is there once; "
            "may exceed 1.",
        )
        for n in TOP_NGRAMS
    ),
    *(
        Signal(
            f"rps_doc_frac_chars_dupe_{n}grams", "float", "fraction of characters", _REPETITION,
            f"Characters of normalised words inside a run of {n} that is there twice, each counted once.",
        )
        for n in DUP_NGRAMS
    ),
    Signal("rps_lines_javascript_counts", "float", "per line", _LINES, "The word 'javascript' in the normalised lines, over the lines."),
    Signal(
        "rps_lines_ending_with_terminal_punctution_mark", "float", "fraction of lines", _LINES,
        "Lines that end in . ! ? or ”; the name is the data's.",
    ),
    Signal("rps_lines_num_words", "float", "words per line", _LINES, "Mean normalised words of a line."),
    Signal("rps_lines_uppercase_letter_fraction", "float", "fraction of characters", _LINES, "Mean share of capitals of a line, its break included."),
    Signal("rps_lines_numerical_chars_fraction", "float", "fraction of characters", _LINES, "Mean share of numeric characters of a normalised line."),
    Signal("rps_lines_start_with_bulletpoint", "float", "fraction of lines", _LINES, "Lines that start with a bullet, a small square or a dash (U+2013)."),
)  # fmt: skip

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WHITE_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"\b[^.!?]+[.!?]*")
_LINE = re.compile(r"[^\n]*\n|[^\n]+$")
_LATIN = re.compile("[a-zA-Z]")
_ELLIPSES = ("...", "…")
_TERMINAL = (".", "!", "?", "”")
_BULLETS = tuple("•‣▶◀◦■□▪▫–")


def measure(
    text: str, *, bad_words: Collection[str] | None = None, stop_words: Collection[str] | None = None
) -> dict[str, int | float | None]:
    """Return the signals of a text; those of words that no list was given for are null, as are means of nothing.

    Normalised: without ASCII punctuation, lower case, white space as single spaces, NFD. Raw words are runs of word characters and
    runs of other characters. Nothing is rounded; the data has eight decimals.
    """
    content = normalised(text)
    words, raw_words = content.split(), word_punct(text)
    return {
        "rps_doc_ldnoobw_words": None if bad_words is None else count_entries(words, bad_words),
        "rps_doc_lorem_ipsum": content.count("lorem ipsum") / len(content) if content else 0.0,
        "rps_doc_curly_bracket": (text.count("{") + text.count("}")) / len(text) if text else 0.0,
        "rps_doc_stop_word_fraction": None if stop_words is None else _stop_word_fraction(words, raw_words, stop_words),
        "rps_doc_num_sentences": sum(1 for _ in _SENTENCE.finditer(text)),
        **_of_words(words),
        **_of_raw_words(raw_words, text),
        **_repetition(words),
        **_of_lines(text),
    }


def normalised(text: str) -> str:
    """Return what RedPajama's `normalize` makes of a text (app/src/utilities/text/normalization.py).

    >>> normalised("  It's OK,  \\n so. ")
    'its ok so'
    """
    return decomposed(_WHITE_SPACE.sub(" ", text.translate(_PUNCTUATION).lower().strip()))


def count_entries(words: Sequence[str], entries: Collection[str]) -> int:
    """Count the runs of words that are entries of a list, one for each length of an entry.

    >>> count_entries(["a", "b", "a"], {"a", "a b"})
    3
    """
    lengths = {1 + entry.count(" ") for entry in entries}
    return sum(" ".join(run) in entries for n in lengths for run in _runs(words, n))


def _runs(words: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return zip(*(islice(words, place, None) for place in range(n)), strict=False)


def _stop_word_fraction(words: Sequence[str], raw_words: Sequence[str], stop_words: Collection[str]) -> float:
    return sum(word in stop_words for word in raw_words) / len(raw_words) if words else 0.0


def _of_words(words: Sequence[str]) -> dict[str, int | float | None]:
    total, counts = len(words), Counter(words).values()
    return {
        "rps_doc_word_count": total,
        "rps_doc_mean_word_length": sum(map(len, words)) / total if total else None,
        "rps_doc_frac_unique_words": len(counts) / total if total else None,
        "rps_doc_unigram_entropy": sum(-n / total * math.log(n / total) for n in counts) if total else None,
    }


def _of_raw_words(words: Sequence[str], text: str) -> dict[str, float | None]:
    total = len(words)
    names = ("rps_doc_symbol_to_word_ratio", "rps_doc_frac_no_alph_words", "rps_doc_frac_all_caps_words")
    if not total:
        return dict.fromkeys(names)
    symbols = sum(map(text.count, ("#", *_ELLIPSES)))
    letters = sum(_LATIN.search(word) is not None for word in words)
    return dict(zip(names, (symbols / total, 1 - letters / total, sum(map(str.isupper, words)) / total), strict=True))


def _repetition(words: Sequence[str]) -> dict[str, float]:
    """Return the shares of the most frequent and of the repeated runs."""
    lengths, sums = lengths_of(words)
    found: dict[str, float] = {}
    for one in repeats(words, (*TOP_NGRAMS, *DUP_NGRAMS)):
        if one.n in TOP_NGRAMS:
            name, characters = f"rps_doc_frac_chars_top_{one.n}gram", _top(one, sums)
        else:
            name, characters = f"rps_doc_frac_chars_dupe_{one.n}grams", int(lengths[covered(one, len(words))].sum())
        found[name] = characters / int(sums[-1]) if characters else 0.0
    return found


def _top(one: Repeats, sums: Numbers) -> int:
    """Return occurrences times characters of the most frequent run, of equals the one that begins first; 0 if none is there twice."""
    if not len(one.places):
        return 0
    top = one.times.argmax()
    start = int(one.places[top])
    return int(one.times[top]) * int(sums[start + one.n] - sums[start])


def _of_lines(text: str) -> dict[str, float | None]:
    lines = _LINE.findall(text)
    if not lines:
        return dict.fromkeys((*(s.name for s in SIGNALS if s.source == _LINES), "rps_doc_frac_lines_end_with_ellipsis"))
    plain = [normalised(line) for line in lines]
    sums = {
        "rps_doc_frac_lines_end_with_ellipsis": sum(line.rstrip().endswith(_ELLIPSES) for line in lines),
        "rps_lines_javascript_counts": sum(line.split().count("javascript") for line in plain if "javascript" in line),
        "rps_lines_ending_with_terminal_punctution_mark": sum(line.rstrip().endswith(_TERMINAL) for line in lines),
        "rps_lines_num_words": sum(len(line.split()) for line in plain),
        "rps_lines_uppercase_letter_fraction": sum(sum(map(str.isupper, line)) / len(line) for line in lines),
        "rps_lines_numerical_chars_fraction": sum(sum(map(str.isnumeric, line)) / len(line) for line in plain if line),
        "rps_lines_start_with_bulletpoint": sum(line.lstrip().startswith(_BULLETS) for line in lines),
    }
    return {name: value / len(lines) for name, value in sums.items()}
