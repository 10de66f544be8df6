"""Leaks that are planted into pages: how each is made, and whether it is one that decontaminate claims to find."""

import random
from collections.abc import Iterator
from typing import NamedTuple

from udfs.grams.folded_text import folded
from udfs.grams.gram_index import LEAST_QUESTION
from udfs.grams.protected import Bounds, Protected

KINDS = ("verbatim", "case and punctuation", "answer alone", "question cut in two", "seven tenths of a question")
_PART = 0.7


class Leak(NamedTuple):
    """A page with a planted part of an item; `claimed` by counts of words alone, as docs/decontaminate.md says what is found."""

    kind: str
    item: int
    text: str
    claimed: bool


def leaks(item: int, texts: list[Protected], page: str, settings: Bounds, draw: random.Random) -> Iterator[Leak]:
    """Yield an item's leaks: question and answer, both noisy, the answer alone, the question in two, its beginning alone."""
    question, answer = _question_and_answer(texts)
    size, after = (len(folded(text).split()) for text in (question, answer))
    whole = size >= settings.ngram or (
        size >= LEAST_QUESTION and size + after >= settings.min_words and texts[0].answer is not None
    )
    yield Leak("verbatim", item, _planted(page, [f"{question}\n{answer}"], draw), whole or after >= settings.ngram)
    yield Leak(
        "case and punctuation",
        item,
        _planted(page, [_noisy(f"{question}\n{answer}", draw)], draw),
        whole or after >= settings.ngram,
    )
    if answer:
        yield Leak("answer alone", item, _planted(page, [answer], draw), after >= settings.ngram)
    words = question.split()
    halves = [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])]
    sizes = [len(folded(half).split()) for half in halves]
    yield Leak("question cut in two", item, _planted(page, halves, draw), min(sizes) >= settings.ngram)
    part = " ".join(words[: round(_PART * len(words))])
    enough = len(folded(part).split()) >= max(settings.ngram, settings.min_share * size)
    yield Leak("seven tenths of a question", item, _planted(page, [part], draw), enough)


def _question_and_answer(texts: list[Protected]) -> tuple[str, str]:
    question = texts[0]
    answer = next((text.text for text in texts[1:] if text.field != question.field), question.answer or "")
    return question.text, answer


def _planted(page: str, parts: list[str], draw: random.Random) -> str:
    """Put parts between words of a page, at least thirty words apart."""
    words = page.split(" ")
    at = draw.randrange(len(words) // 2)
    for number, part in enumerate(parts):
        place = min(len(words), at + 31 * number)
        words[place:place] = [f"\n{part}\n"]
    return " ".join(words)


def _noisy(text: str, draw: random.Random) -> str:
    """Change case word by word, put marks between words, and write quotes and spaces in another way."""
    marks = ["", "", "", ",", " –", "…", "!", " |", "\u00ad"]
    parts = [draw.choice((word.upper(), word.lower(), word.title())) + draw.choice(marks) for word in text.split()]
    return draw.choice((" ", "  ", "\u00a0", "\n")).join(parts).replace("'", "’").replace('"', "“")
