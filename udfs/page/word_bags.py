"""Compare texts as bags of lower-cased words, the measure by which extraction is scored."""

import re
from collections import Counter
from dataclasses import dataclass

from udfs.words.scripts import unspaced

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class WordBag:
    """The words of a text, each with its count, and how many there are."""

    counts: Counter[str]
    words: int


def word_bag(text: str) -> WordBag:
    """Count the words of a text; of scripts that put no spaces between words, every character.

    >>> word_bag("One two, ONE").counts["one"], word_bag("東京タワー").words
    (2, 5)
    """
    spaced = text if text.isascii() else unspaced(text).sub(r" \g<0> ", text)
    words = _WORD.findall(spaced.lower())
    return WordBag(Counter(words), len(words))


def agreement(one: WordBag, other: WordBag) -> float:
    """Return the F1 of two bags, 0 to 1; two empty ones agree.

    >>> agreement(word_bag("a b b"), word_bag("b b c"))
    0.6666666666666666
    """
    total = one.words + other.words
    return 2 * shared_words(one, other) / total if total else 1.0


def shared_words(one: WordBag, other: WordBag) -> int:
    """Count the words that two bags have in common, each as often as both have it."""
    small, large = (one.counts, other.counts) if len(one.counts) <= len(other.counts) else (other.counts, one.counts)
    return sum(min(count, large[word]) for word, count in small.items() if word in large)
