"""Keep the lines of one extractor's text that another's text has too."""

from udfs.page.line_layout import words_of
from udfs.page.word_bags import WordBag, shared_words, word_bag

MIN_WORDS = 8  # of a line that may differ in some words; a shorter one must stand in the other text as it is
MIN_SHARED = 0.8  # of such a line's words


def agreed_lines(text: str, other: str, bag: WordBag) -> str:
    """Return the lines whose words stand in the other text in one run, or most of whose words its bag has.

    A line without words, such as the rule of dashes in a table, goes with the line before it.
    """
    run = words_of(other)
    kept: list[str] = []
    last_kept = False
    for line in text.split("\n"):
        own = words_of(line)
        if own:
            last_kept = own in run or _mostly_in(line, bag)
        if last_kept:
            kept.append(line)
    return "\n".join(kept).strip()


def _mostly_in(line: str, bag: WordBag) -> bool:
    own = word_bag(line)
    return own.words >= MIN_WORDS and shared_words(own, bag) >= MIN_SHARED * own.words
