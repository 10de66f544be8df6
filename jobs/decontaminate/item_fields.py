"""The texts of one item of an evaluation set, by the names that the recipe has for its fields."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jobs.decontaminate.settings import EvaluationSet
from udfs.grams.protected import Protected


def protected_texts(row: Mapping[str, Any], settings: EvaluationSet, *, item: int) -> Iterator[Protected]:
    """Yield the texts of an item that are protected: question, answer, and what else the recipe names. Absent ones are none."""
    answer = " ".join(texts_of(row, settings.answer)) if settings.answer is not None else ""
    question = _part("\n".join(texts_of(row, settings.question)), settings.pattern)
    if question.strip():
        yield Protected(item, settings.question, question, answer)
    if answer.strip() and settings.answer is not None:
        yield Protected(item, settings.answer, answer)
    for path in settings.also:
        yield from (Protected(item, path, text) for text in texts_of(row, path) if text.strip())


def texts_of(row: Mapping[str, Any], path: str) -> list[str]:
    """Return the texts of a field: one, those of a list, or none if the item has no such field.

    >>> row = {"q": {"stem": "Why?"}, "choices": ["so", "not so"], "gold": 1, "n": 4}
    >>> texts_of(row, "q.stem"), texts_of(row, "choices"), texts_of(row, "choices[gold]"), texts_of(row, "n"), texts_of(row, "x")
    (['Why?'], ['so', 'not so'], ['not so'], ['4'], [])
    """
    names, _, chooser = path.removesuffix("]").partition("[")
    value = _at(row, names)
    if chooser:
        place = _at(row, chooser)
        is_number = isinstance(place, int) or (isinstance(place, str) and place.isdigit())
        value = value[int(place)] if is_number and isinstance(value, list) and 0 <= int(place) < len(value) else None
    return list(_texts(value))


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
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _part(question: str, pattern: str | None) -> str:
    """Return what the first group of the pattern has; the whole question if the pattern does not match.

    >>> _part("Question: Why?\\nAnswer:", "Question: (.*)"), _part("Why?", "Question: (.*)")
    ('Why?', 'Why?')
    """
    found = re.search(pattern, question) if pattern is not None else None
    return found[1] or "" if found is not None else question
