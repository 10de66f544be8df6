"""C4's line rules as edits and its page rules as numbers, in FineWeb's reading: lines need no terminal mark to stay.

The text that the edits leave is what the next filters measure and what is published, so it must be theirs to the character.
"""

from udfs.edits.edit import Edit
from udfs.signals.definition import Signal
from udfs.signals.kept_lines import MAX_WORD_LENGTH, edits_for, rules
from udfs.words.split import has_unspaced, split_words

_SOURCE = "C4 (arXiv:1910.10683), section 2.2; huggingface/datatrove 0.10.1, pipeline/filters/c4_filters.py (C4QualityFilter)"
KIND = "c4_lines"
MIN_WORDS = 3

SIGNALS = (
    Signal("c4_sentence_count", "int", "sentences", _SOURCE, "Sentences of the lines that stay."),
    Signal("c4_lorem_ipsum", "bool", "yes or no", _SOURCE, "A line that is long enough to stay says 'lorem ipsum'."),
    Signal(
        "c4_curly_bracket", "bool", "yes or no", _SOURCE,
        "A line that is long enough to stay and does not say 'javascript' holds '{'.",
    ),
    Signal(
        "c4_lines_dropped", "int", "lines", _SOURCE,
        f"Lines, not blank, that go: fewer than {MIN_WORDS} words, a word of over {MAX_WORD_LENGTH} characters, 'javascript', "
        "or a phrase of cookie and policy notices.",
    ),
    Signal(
        "c4_terminal_line_ratio", "float", "fraction of lines", _SOURCE,
        "Lines that stay and end in . ? ! \" or ' but not in '...', of those that stay: what C4 itself would have kept.",
    ),
)  # fmt: skip

_END_MARKS = (".", "?", "!", '"', "'")


def measure(text: str) -> tuple[dict[str, int | float | bool], tuple[Edit, ...]]:
    """Return the signals of a text and the edits (kind c4_lines) that turn it into what C4 writes.

    udfs.edits.edit.apply(text, edits) is the text of datatrove's C4QualityFilter(filter_no_terminal_punct=False), also where the
    page rules would drop the page; but for lines in scripts without spaces, whose words are counted and not taken for one.
    Edits are in order and do not overlap: they delete dropped lines, citations and white space around lines, and put a plain
    line break where another kind stood.
    """
    found = rules(text, may_stay=lambda stripped, cleaned: _is_long_enough(stripped))
    terminal = sum(line.text.endswith(_END_MARKS) and not line.text.endswith("...") for line in found.kept)
    signals = {
        "c4_sentence_count": found.sentences,
        "c4_lorem_ipsum": found.lorem_ipsum,
        "c4_curly_bracket": found.curly_bracket,
        "c4_lines_dropped": found.dropped,
        "c4_terminal_line_ratio": terminal / len(found.kept) if found.kept else 0.0,
    }
    return signals, tuple(edits_for(text, found.kept, kind=KIND))


def _is_long_enough(stripped: str) -> bool:
    """Tell whether the words of a line are many and short enough for it to stay."""
    if len(stripped) <= MAX_WORD_LENGTH and len(stripped.split(maxsplit=MIN_WORDS - 1)) == MIN_WORDS:
        return True
    # a line of Japanese has no space: by datatrove's split it is one word, and goes
    words = split_words(stripped) if has_unspaced(stripped) else stripped.split()
    return len(words) >= MIN_WORDS and max(map(len, words)) <= MAX_WORD_LENGTH
