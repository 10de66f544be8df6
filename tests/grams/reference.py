"""What a document holds of texts, by plain loops over words: each n-gram of a text is sought at each place of the document."""

import math
from collections.abc import Sequence

from udfs.grams.folded_text import folded
from udfs.grams.protected import Bounds, Protected


def shares(document: str, protected: Sequence[Protected], *, items: int, settings: Bounds) -> dict[int, float]:
    """Return the share of each long text that the document holds, if it is min_share or more.

    Of an n-gram that a text repeats, the first counts.
    """
    found = folded(document).split()
    texts = [folded(one.text).split() for one in protected]
    n = settings.ngram
    having: dict[tuple[str, ...], set[int]] = {}
    for one, words in zip(protected, texts, strict=True):
        for at in range(len(words) - n + 1):
            having.setdefault(tuple(words[at : at + n]), set()).add(one.item)
    held = {}
    for number, words in enumerate(texts):
        weights = [0.0] * len(words)
        covered = [False] * len(words)
        for at in range(len(words) - n + 1):
            rarity = 1 - math.log(len(having[tuple(words[at : at + n])])) / math.log(items + 1)
            weights[at : at + n] = [max(old, rarity) for old in weights[at : at + n]]
        for at in range(len(words) - n + 1):
            gram = words[at : at + n]
            is_first = next(place for place in range(at + 1) if words[place : place + n] == gram) == at
            if not is_first or len(having[tuple(gram)]) > settings.max_items:
                continue
            for place in range(len(found) - n + 1):
                if found[place : place + n] == gram:
                    before = _run(words[:at][::-1], found[:place][::-1])
                    end = at + _run(words[at:], found[place:])
                    covered[at - before : end] = [True] * (end - at + before)
        total = sum(weights)
        share = sum(weight for weight, is_there in zip(weights, covered, strict=True) if is_there) / total if total else 0.0
        if any(covered) and share >= settings.min_share:
            held[number] = share
    return held


def _run(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return length
