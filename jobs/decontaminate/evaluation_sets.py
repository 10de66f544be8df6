"""Reads evaluation sets, and refuses what cannot be read, is empty, or has other fields, before any work."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jobs.decontaminate.item_fields import protected_texts, texts_of
from jobs.decontaminate.item_files import Row, open_items
from jobs.decontaminate.settings import MAX_INDEX_MB, NGRAM, Decontaminate, EvaluationSet
from jobs.engine.errors import RecipeError
from udfs.grams.build_index import build_index
from udfs.grams.gram_index import GramIndex
from udfs.grams.protected import Item, Protected

_BYTES_A_CHARACTER = 6  # of the index: 30 bytes a word of five letters
_LOOKED_AT = 100  # items whose fields a message names


@dataclass(frozen=True)
class ReadSet:
    """Hold the sha256 of a set's file, a name for each of its items, and their protected texts.

    The `item` of a text is the number of its name, from 0. A row that says the same as an earlier one is no item: many copies of a
    question would make it a frame.
    """

    settings: EvaluationSet
    sha256: str
    names: tuple[str, ...]
    texts: tuple[Protected, ...]


def read_set(settings: EvaluationSet, *, ngram: int = NGRAM, max_index_mb: int = MAX_INDEX_MB) -> ReadSet:
    """Read a set row by row; `ngram` is for what overlaps.

    Raises RecipeError if it cannot be read, is not the pinned one, is empty, lacks a field, or is too large.
    """
    where = f"[[decontaminate.set]] {settings.name!r}: {settings.uri}"
    names: list[str] = []
    texts: list[Protected] = []
    fields = _Fields(settings)
    known: set[tuple[tuple[str, str, str | None], ...]] = set()  # what the items so far say
    characters = 0
    with open_items(settings.uri, where=where) as items:
        if settings.sha256 not in (None, items.sha256):
            raise RecipeError(
                f"{where} has sha256 {items.sha256}, and the recipe says {settings.sha256}: it is damaged or another version, so nothing was "
                f"run. Fetch it again, or pin the new hash"
            )
        for number, row in enumerate(items.rows):
            fields.look(row)
            found = list(protected_texts(row, settings, item=len(names), ngram=ngram))
            said = tuple((text.field, text.text, text.answer) for text in found)
            if said in known:
                continue
            if said:
                known.add(said)
            named = texts_of(row, settings.id) if settings.id is not None else []
            names.append(named[0] if named else str(number))
            characters += sum(len(text.text) for text in found)
            _check_size(characters * _BYTES_A_CHARACTER, max_index_mb)
            texts += found
    fields.check(where=where)
    return ReadSet(settings, items.sha256, tuple(names), tuple(texts))


class _Fields:
    """Look for the fields that the recipe names, row by row, and for a question that its pattern fits."""

    def __init__(self, settings: EvaluationSet) -> None:
        named = (settings.question, settings.answer, *settings.also, settings.id)
        self._absent = dict.fromkeys(path for path in named if path is not None)
        self._there: dict[str, None] = {}
        self._rows = 0
        self._question, self._pattern = settings.question, settings.pattern
        self._unmatched, self._first = 0, ""  # questions that the pattern does not fit, as long as it fits none

    def look(self, row: Row) -> None:
        if self._pattern is not None and (question := "\n".join(texts_of(row, self._question))):
            if re.search(self._pattern, question):
                self._pattern, self._unmatched = None, 0
            else:
                self._unmatched, self._first = self._unmatched + 1, self._first or question
        for path in [path for path in self._absent if texts_of(row, path)]:
            del self._absent[path]
        if self._rows < _LOOKED_AT:
            self._there |= dict.fromkeys(row)
        self._rows += 1

    def check(self, *, where: str) -> None:
        """Raise RecipeError for a field that no item has, and for a pattern that fits no question."""
        if self._absent:
            named = ", ".join(map(repr, self._absent))
            raise RecipeError(f"{where}: no item has a text in {named}; nothing was run. Its fields: {', '.join(self._there)}")
        if self._unmatched:
            raise RecipeError(
                f"{where}: the pattern {self._pattern!r} fits none of {self._unmatched:,} questions, so their frames would stay; nothing was "
                f"run. The first one: {self._first[:200]!r}"
            )


def index_of(sets: Iterable[ReadSet], settings: Decontaminate) -> GramIndex:
    """Build the index of all sets. Raises RecipeError if it is over max_index_mb, or if a set has no item that can be protected."""
    items: list[Item] = []
    protected: list[Protected] = []
    counts: dict[str, int] = {}
    characters = 0
    for one in sets:
        protected += (text._replace(item=text.item + len(items)) for text in one.texts)
        items += (Item(one.settings.name, name) for name in one.names)
        counts[one.settings.name] = len(one.names)
        characters += sum(len(text.text) for text in one.texts)
        _check_size(characters * _BYTES_A_CHARACTER, settings.max_index_mb)
    index = build_index(protected, items, settings.bounds)
    _check_size(index.worker_bytes, settings.max_index_mb)
    has_texts = {items[number].set for number in index.items[index.sought].tolist()}
    for name, count in counts.items():
        if name not in has_texts:
            raise RecipeError(
                f"[[decontaminate.set]] {name!r}: none of its {count:,} items can be protected: their questions have under "
                f"{settings.ngram} words, and with their answers under {settings.min_words}; or all that they say stands in more than "
                f"{settings.max_items:,} items. Name the answer's field, or lower ngram or min_words"
            )
    return index


def _check_size(size: int, max_index_mb: int) -> None:
    if size > max_index_mb << 20:
        raise RecipeError(
            f"[decontaminate] the index of these sets takes about {size >> 20:,} MB or more in each Python worker, over max_index_mb = "
            f"{max_index_mb:,}: nothing was run. Raise max_index_mb if the workers have it, name fewer fields, or raise every"
        )
