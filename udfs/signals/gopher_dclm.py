"""Gopher's repetition rules as DCLM counts them: all copies of what repeats, over the characters of words, without spaces and marks.

gopher.py has datatrove's statistics, gopher_dolma.py Dolma's. The three share a table of thresholds and agree on no number.
"""

from collections.abc import Sequence

from udfs.signals.definition import Signal
from udfs.signals.gopher import DUP_NGRAMS, TOP_NGRAMS
from udfs.signals.repeated_ngrams import Numbers, Repeats, covered, lengths_of, repeats
from udfs.signals.repeated_parts import all_copies
from udfs.words.bounds import split

_SOURCE = (
    "Gopher (arXiv:2112.11446), table A1; mlfoundations/dclm, baselines/mappers/filters/content_filters.py (repetition_filter)"
)

SIGNALS = (
    Signal("dclm_dup_line_ratio", "float", "fraction of lines", _SOURCE, "Lines that occur more than once, all copies, of those not blank."),
    Signal(
        "dclm_dup_line_char_ratio", "float", "fraction of characters", _SOURCE,
        "Characters of lines that occur more than once, all copies, of those of all lines.",
    ),
    Signal(
        "dclm_dup_paragraph_ratio", "float", "fraction of paragraphs", _SOURCE,
        "Paragraphs that occur more than once, all copies, of those not blank; two line breaks end a paragraph.",
    ),
    Signal(
        "dclm_dup_paragraph_char_ratio", "float", "fraction of characters", _SOURCE,
        "Characters of paragraphs that occur more than once, all copies, of those of all paragraphs.",
    ),
    *(
        Signal(
            f"dclm_top_{n}gram_char_ratio", "float", "characters per character", _SOURCE,
            f"Occurrences times length of the longest of the most frequent runs of {n} words, of the characters of words; 0 where none repeats.",
        )
        for n in TOP_NGRAMS
    ),
    *(
        Signal(
            f"dclm_dup_{n}gram_char_ratio", "float", "fraction of characters", _SOURCE,
            f"Characters of words in any run of {n} words that occurs more than once, each word once, of the characters of words.",
        )
        for n in DUP_NGRAMS
    ),
)  # fmt: skip


def repetition(text: str) -> dict[str, float]:
    """Measure how much of a text repeats itself; a share of nothing is 0."""
    lines, paragraphs = _filled(text.split("\n")), _filled(text.split("\n\n"))
    line_ratio, line_char_ratio = _repeated(lines)
    paragraph_ratio, paragraph_char_ratio = _repeated(paragraphs)
    return {
        "dclm_dup_line_ratio": line_ratio,
        "dclm_dup_line_char_ratio": line_char_ratio,
        "dclm_dup_paragraph_ratio": paragraph_ratio,
        "dclm_dup_paragraph_char_ratio": paragraph_char_ratio,
        **_ngrams(words(text)),
    }


def words(text: str) -> list[str]:
    """Return the segments between Unicode's word boundaries (UAX #29) that begin with a letter or digit.

    >>> words("It's 3.5 % (or so)")
    ["It's", '3.5', 'or', 'so']
    """
    return [segment for segment in split(text) if segment[0].isalnum()]


def _filled(parts: Sequence[str]) -> list[str]:
    return [stripped for part in parts if (stripped := part.strip())]


def _repeated(parts: Sequence[str]) -> tuple[float, float]:
    """Return the share of the parts that occur more than once, and that of their characters."""
    if not parts:
        return 0.0, 0.0
    copies, characters = all_copies(parts)
    return copies / len(parts), characters / sum(map(len, parts))


def _ngrams(found: Sequence[str]) -> dict[str, float]:
    lengths, sums = lengths_of(found)
    measured: dict[str, float] = {}
    for one in repeats(found, (*TOP_NGRAMS, *DUP_NGRAMS)):
        if one.n in TOP_NGRAMS:
            chars, name = _top_chars(one, sums), f"dclm_top_{one.n}gram_char_ratio"
        else:
            chars, name = int(lengths[covered(one, len(found))].sum()), f"dclm_dup_{one.n}gram_char_ratio"
        measured[name] = chars / int(sums[-1]) if chars else 0.0
    return measured


def _top_chars(one: Repeats, sums: Numbers) -> int:
    """Return occurrences times length of the most frequent n-gram, the longest of equals."""
    if not len(one.places):
        return 0
    most = one.times.max()
    places = one.places[one.times == most]
    return int(most * (sums[places + one.n] - sums[places]).max())
