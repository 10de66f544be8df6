"""The texts of evaluation sets that no document should hold, and how they are protected."""

from typing import NamedTuple


class Protected(NamedTuple):
    """A text of an item: `item` numbers the item among those of all sets, `field` is the name that the recipe has for it.

    `answer` is what must follow if the text has too few words for an n-gram: "" if there is none, so that the text alone is sought; None
    if the text is protected by n-grams alone.
    """

    item: int
    field: str
    text: str
    answer: str | None = None


class Item(NamedTuple):
    """An item of an evaluation set: the set's name and the item's own, its id or the number of its row."""

    set: str
    name: str


class Bounds(NamedTuple):
    """Hold what the recipe says of n-grams.

    - ngram: words in an n-gram. every: of the n-grams of a text one in so many is looked for, and the last.
    - max_items: an n-gram in more items is no evidence.
    - min_words: fewest words of a short question and its answer together. answer_within: words after it in which the answer must stand.
    - min_share: least share of a text, by rarity, that a document must hold.
    """

    ngram: int
    every: int
    max_items: int
    min_words: int
    answer_within: int
    min_share: float
