"""The texts of one item of an evaluation set, by the names that the recipe has for its fields."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jobs.decontaminate.settings import EvaluationSet
from udfs.grams.folded_text import word_spans
from udfs.grams.protected import Protected

OVERLAP = "overlap"  # the field of what lies across the end of a question and the beginning of its answer
_DIGITS = 10  # fewer are a place in a list


def protected_texts(row: Mapping[str, Any], settings: EvaluationSet, *, item: int, ngram: int) -> Iterator[Protected]:
    """Yield the texts of an item that are protected: question, answer, and what else the recipe names. Absent ones are none.

    Answers in a list are other ways to say the same: the question is there once with each. With `overlap` so is a text whose n-grams
    are those of question and answer, one behind the other, that hold words of both.
    """
    named = texts_of(row, settings.answer) if settings.answer is not None else []
    answers = [text for text in dict.fromkeys(named) if text.strip()]
    question = _part("\n".join(texts_of(row, settings.question)), settings.pattern)
    if question.strip() and "question" in settings.ngrams_of:
        yield from (Protected(item, settings.question, question, answer) for answer in answers or [""])
    if "answer" in settings.ngrams_of:
        yield from (Protected(item, settings.answer or "", answer) for answer in answers)
    if question.strip() and "overlap" in settings.ngrams_of:
        yield from (Protected(item, OVERLAP, _across(question, answer, ngram)) for answer in answers)
    for path in settings.also:
        yield from (Protected(item, path, text) for text in texts_of(row, path) if text.strip())


def texts_of(row: Mapping[str, Any], path: str) -> list[str]:
    """Return the texts of a field: one, those of a list, or none if the item has no such field.

    What numbers the element of a list is a number from 0, a letter, or one of the labels that lie beside the list as `label`.

    >>> row = {"q": {"stem": "Why?"}, "choices": ["so", "not so"], "gold": 1, "n": 4}
    >>> texts_of(row, "q.stem"), texts_of(row, "choices"), texts_of(row, "choices[gold]"), texts_of(row, "n"), texts_of(row, "x")
    (['Why?'], ['so', 'not so'], ['not so'], ['4'], [])
    >>> texts_of({"choices": {"text": ["so", "not so"], "label": ["1", "2"]}, "key": "2"}, "choices.text[key]")
    ['not so']
    """
    names, _, chooser = path.removesuffix("]").partition("[")
    value = _at(row, names)
    if chooser:
        labels = _at(row, f"{names.rpartition('.')[0]}.label") if "." in names else None
        place = _place(_at(row, chooser), labels)
        value = value[place] if place is not None and isinstance(value, list) and 0 <= place < len(value) else None
    return list(_texts(value))


def _place(chosen: Any, labels: Any) -> int | None:
    if isinstance(labels, list) and chosen in labels:
        return labels.index(chosen)
    if isinstance(chosen, str) and len(chosen) == 1 and "A" <= chosen <= "Z":
        return ord(chosen) - ord("A")
    if isinstance(chosen, str) and chosen.isascii() and chosen.isdecimal() and len(chosen) < _DIGITS:
        return int(chosen)
    return int(chosen) if isinstance(chosen, int | float) and chosen % 1 == 0 else None


def _at(row: Any, names: str) -> Any:
    for name in names.split("."):
        row = row.get(name) if isinstance(row, Mapping) else None
    return row


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        yield str(value)


def _across(question: str, answer: str, ngram: int) -> str:
    """Return the last ngram - 1 words of a question and the first of its answer: each of its n-grams has words of both.

    >>> _across("A b: c d e?", "F, g h i j.", 4)
    'c d e? F, g h'
    """
    begins, ends = word_spans(question)[0][-(ngram - 1) :], word_spans(answer)[1][: ngram - 1]
    last, first = question[begins[0] :] if len(begins) else "", answer[: ends[-1]] if len(ends) else ""
    return f"{last} {first}"


def _part(question: str, pattern: str | None) -> str:
    """Return what the first group of the pattern has; the whole question if the pattern does not match.

    >>> _part("Question: Why?\\nAnswer:", "Question: (.*)"), _part("Why?", "Question: (.*)")
    ('Why?', 'Why?')
    """
    found = re.search(pattern, question) if pattern is not None else None
    return found[1] or "" if found is not None else question
