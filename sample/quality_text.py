"""Training text for a quality model: good are paragraphs that stand in no page, bad is ad copy in words of its own."""

import re
from typing import Any

from sample import bank
from sample.copies import half_spares
from sample.draw import draw, pick, shuffled, some
from sample.poor_pages import mixture_spares

NEGATIVES_ENGLISH = 200
NEGATIVES_OTHER = 17
_SENTENCES = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def positives() -> list[str]:
    """Return each unused paragraph, its first sentence, and its runs of two sentences, one a line; about 300."""
    found = []
    for language in bank.languages():
        joint = "" if language in ("ja", "zh") else " "
        for paragraph in _unused(language):
            sentences = [sentence for sentence in _SENTENCES.split(paragraph) if sentence]
            pairs = (joint.join(sentences[n : n + 2]) for n in range(len(sentences) - 1))
            found += [paragraph, sentences[0], *pairs]
    return list(dict.fromkeys(found))


def unused_paragraphs() -> list[str]:
    """Return each paragraph that stands in no page: text to measure with what was trained on pages."""
    return [paragraph for language in bank.languages() for paragraph in _unused(language)]


def _unused(language: str) -> list[str]:
    used = half_spares() | mixture_spares()
    return [text for topic in bank.topics(language) for text in topic.spare if text not in used]


def negatives() -> list[str]:
    """Return ad copy, menus, keyword lists and gibberish, one a line; about 300."""
    found = []
    for language, words in bank.table("spam")["negative"].items():
        count = NEGATIVES_ENGLISH if language == "en" else NEGATIVES_OTHER
        found += [_negative(words, f"{language}/{number}", number % 5) for number in range(count)]
    return found


def _negative(words: dict[str, Any], name: str, way: int) -> str:
    good = pick(words["goods"], name)
    if way == 0:
        return " ".join(
            f"{pick(words['calls'], name, n)}! {good} {pick(words['boasts'], name, n)}!" for n in range(3 + draw(4, name))
        )
    if way == 1:
        return " ".join(shuffled(words["menus"], name))
    if way == 2:
        return ", ".join([*some(words["goods"], 6, name), good, good, good])
    if way == 3:
        prices = (
            f"{pick(words['goods'], name, n)} ${draw(500, name, n)}.99 {pick(words['boasts'], name, n)}" for n in range(8)
        )
        return " | ".join(prices)
    return " ".join(_gibberish(f"{name}/{n}") for n in range(30))


def _gibberish(name: str) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(letters[draw(len(letters), name, n)] for n in range(3 + draw(9, name)))
