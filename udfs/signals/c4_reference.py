"""C4 as its reference code has it: a line stays only if it ends a sentence and has five words, a page only with three sentences.

`udfs.signals.c4` is FineWeb's reading of the same rules. The two share the rules of
`udfs.signals.kept_lines`, and differ in what lets a line stay.
"""

from udfs.edits.edit import Edit
from udfs.signals.definition import Signal
from udfs.signals.kept_lines import MAX_WORD_LENGTH, edits_for, rules

_SOURCE = "C4 (arXiv:1910.10683), section 2.2; tensorflow/datasets 4.9.10, tensorflow_datasets/text/c4_utils.py"
KIND = "c4_reference_lines"
MIN_WORDS = 5
_END_MARKS = (".", "?", "!", '"')

SIGNALS = (
    Signal("c4_reference_character_count", "int", "characters", _SOURCE, "Code points of the extracted text; C4 takes up to 190,000."),
    Signal("c4_reference_sentence_count", "int", "sentences", _SOURCE, "Sentences of the lines that stay."),
    Signal("c4_reference_lorem_ipsum", "bool", "yes or no", _SOURCE, "A line that ends a sentence and is long enough says 'lorem ipsum'."),
    Signal(
        "c4_reference_curly_bracket", "bool", "yes or no", _SOURCE,
        "A line that ends a sentence, is long enough and does not say 'javascript' holds '{'.",
    ),
    Signal(
        "c4_reference_lines_dropped", "int", "lines", _SOURCE,
        f"Lines, not blank, that go: no . ? ! or \" at the end, or '...'; fewer than {MIN_WORDS} words; a word of over {MAX_WORD_LENGTH} "
        "characters; 'javascript'; a phrase of cookie and policy notices.",
    ),
    Signal(
        "c4_reference_bad_words", "int", "words", _SOURCE,
        "Different words of the lists of kind bad_words in the lines that stay; null without such a list for the text's language.",
    ),
)  # fmt: skip


def measure(text: str) -> tuple[dict[str, int | float | bool], tuple[Edit, ...]]:
    """Return the signals of a text, all but that of bad words, and the edits (kind c4_reference_lines) that turn it into C4's.

    udfs.edits.edit.apply(text, edits) is the text of `clean_page`, also where the page rules would drop the page.
    """
    found = rules(text, may_stay=_ends_and_is_long_enough)
    signals: dict[str, int | float | bool] = {
        "c4_reference_character_count": len(text),
        "c4_reference_sentence_count": found.sentences,
        "c4_reference_lorem_ipsum": found.lorem_ipsum,
        "c4_reference_curly_bracket": found.curly_bracket,
        "c4_reference_lines_dropped": found.dropped,
    }
    return signals, tuple(edits_for(text, found.kept, kind=KIND))


def _ends_and_is_long_enough(stripped: str, cleaned: str) -> bool:
    """Tell whether a line ends a sentence, and its words are many and short enough; long words are sought before citations go."""
    if not cleaned.endswith(_END_MARKS) or cleaned.endswith("...") or len(cleaned.split(maxsplit=MIN_WORDS - 1)) < MIN_WORDS:
        return False
    return len(stripped) <= MAX_WORD_LENGTH or max(map(len, stripped.split())) <= MAX_WORD_LENGTH
