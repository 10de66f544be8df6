"""Reads evaluation sets, and refuses what cannot be read, is empty, or has other fields, before any work."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.decontaminate.item_fields import protected_texts, texts_of
from jobs.decontaminate.settings import Decontaminate, EvaluationSet
from jobs.engine.errors import RecipeError
from udfs.corpus.document import CorpusRow
from udfs.corpus.errors import CorpusError
from udfs.corpus.formats import HEAD_BYTES, kind_of
from udfs.corpus.json_lines import read_rows
from udfs.grams.build_index import build_index
from udfs.grams.gram_index import GramIndex
from udfs.grams.protected import Item, Protected
from udfs.reading.location import LocationError, open_location
from udfs.warc.records import Skipped

Rows = list[Mapping[str, Any]]
_LONGEST_ROW = 64 << 20
_BYTES_A_CHARACTER = 6  # of the index: 30 bytes a word of five letters


@dataclass(frozen=True)
class ReadSet:
    """Hold the items of a set, and the sha256 of its file."""

    settings: EvaluationSet
    sha256: str
    rows: Rows


def read_set(settings: EvaluationSet) -> ReadSet:
    """Read a set whole. Raises RecipeError if it cannot be read, is not the pinned one, is empty, or lacks a field."""
    where = f"[[decontaminate.set]] {settings.name!r}: {settings.uri}"
    found, rows = read_items(settings.uri, where=where)
    if settings.sha256 not in (None, found):
        raise RecipeError(
            f"{where} has sha256 {found}, and the recipe says {settings.sha256}: it is damaged or another version, so nothing was run. "
            f"Fetch it again, or pin the new hash"
        )
    _check_fields(rows, settings, where=where)
    return ReadSet(settings, found, rows)


def read_items(uri: str, *, where: str) -> tuple[str, Rows]:
    """Return the sha256 of a file and its items. Raises RecipeError, beginning with `where`, if it cannot be read or is empty."""
    try:
        stream = open_location(uri)
        data = stream.read()
        stream.close()
    except LocationError as error:
        raise RecipeError(f"{where} cannot be read: {error}; nothing was run") from None
    try:
        rows = _rows(data, uri)
    except (CorpusError, pa.ArrowException, OSError, ValueError) as error:
        raise RecipeError(f"{where} is no evaluation set: {error}; nothing was run. Name a Parquet or JSONL file") from None
    if not rows:
        raise RecipeError(f"{where} is empty: it would protect nothing, so nothing was run. Name a file with an item a row")
    return hashlib.sha256(data).hexdigest(), rows


def index_of(sets: list[ReadSet], settings: Decontaminate) -> GramIndex:
    """Build the index of all sets. Raises RecipeError if it is over max_index_mb, or if a set has no item that can be protected."""
    items: list[Item] = []
    protected: list[Protected] = []
    for one in sets:
        for number, row in enumerate(one.rows):
            named = texts_of(row, one.settings.id) if one.settings.id is not None else []
            protected += protected_texts(row, one.settings, item=len(items))
            items.append(Item(one.settings.name, named[0] if named else str(number)))
    _check_size(sum(len(text.text) for text in protected) * _BYTES_A_CHARACTER, settings)
    index = build_index(protected, items, settings.bounds)
    _check_size(index.nbytes, settings)
    has_texts = {items[number].set for number in index.items[index.sought].tolist()}
    for one in sets:
        if one.settings.name not in has_texts:
            raise RecipeError(
                f"[[decontaminate.set]] {one.settings.name!r}: none of its {len(one.rows):,} items can be protected: their questions have under "
                f"{settings.ngram} words, and with their answers under {settings.min_words}. Name the answer's field, or lower ngram or min_words"
            )
    return index


def _rows(data: bytes, uri: str) -> Rows:
    kind = kind_of(data[:HEAD_BYTES], uri)
    if kind == "parquet":
        found: Rows = pq.read_table(io.BytesIO(data)).to_pylist()
        return found
    rows: Rows = []
    for row in read_rows(io.BytesIO(data), kind=kind, start=0, end=None, size=len(data), max_row_bytes=_LONGEST_ROW):
        if isinstance(row, Skipped):
            raise ValueError(row.why)
        if isinstance(row, CorpusRow):
            if row.values is None:
                raise ValueError(f"the line at byte {row.offset}: {row.problem[1] if row.problem else 'it has no values'}")
            rows.append(row.values)
    return rows


def _check_fields(rows: Rows, settings: EvaluationSet, *, where: str) -> None:
    """Raise RecipeError for a field that no item has."""
    wanted = [path for path in (settings.question, settings.answer, *settings.also, settings.id) if path is not None]
    absent = [path for path in wanted if not any(texts_of(row, path) for row in rows)]
    if absent:
        there = ", ".join(dict.fromkeys(name for row in rows[:100] for name in row))
        raise RecipeError(f"{where}: no item has {', '.join(map(repr, absent))}; nothing was run. Its fields: {there}")


def _check_size(size: int, settings: Decontaminate) -> None:
    if size > settings.max_index_mb << 20:
        raise RecipeError(
            f"[decontaminate] the index of these sets takes about {size >> 20:,} MB in each Python worker, over max_index_mb = "
            f"{settings.max_index_mb:,}: nothing was run. Raise max_index_mb if the workers have it, name fewer fields, or raise every"
        )
