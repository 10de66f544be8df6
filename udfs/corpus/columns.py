"""Which columns of a corpus hold the text, the id and the rest, and how they are found in a row or a schema."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import pyarrow as pa

from udfs.corpus.errors import MissingColumn
from udfs.corpus.folders import folder_values

Names = tuple[str, ...]


@dataclass(frozen=True)
class CorpusColumns:
    """The names under which each fact may stand in a row; the first that is there and not null is taken.

    A name is a column, or a path into nested objects with dots between the steps (`metadata.url`). An exact name goes first, so
    a key that holds dots is found too. The defaults fit three corpora as they are published:

    - FineWeb, Parquet: text, id, dump, url, date, language.
    - DCLM-baseline, JSONL.zst: text, url, language_id_whole_page_fasttext {"en": 0.97}, metadata {WARC-Record-ID, WARC-Date, ...}.
    - Dolma, JSONL.gz: id, text, created, metadata {url, ...}.

    A language may also be an object of scores by name: then the name with the highest score is taken. A fact without names is null.
    `carry` names further columns; the document rows keep them in `carried`.
    """

    text: Names = ("text",)
    id: Names = ("id", "metadata.WARC-Record-ID")
    url: Names = ("url", "metadata.url", "metadata.WARC-Target-URI")
    date: Names = ("date", "metadata.WARC-Date", "created")
    language: Names = ("language", "language_id_whole_page_fasttext")
    dump: Names = ("dump",)
    carry: Names = ()
    welcome: Names = ()  # carried where they are there

    def all_names(self) -> Names:
        """Return every name once, in the order of the fields."""
        return tuple(dict.fromkeys(name for field in fields(self) for name in getattr(self, field.name)))

    def needed(self) -> Iterator[tuple[str, Names]]:
        """Yield the groups of names of which one must be in a file: text, what differs from the default, each of carry."""
        default = CorpusColumns()
        yield "text", self.text
        for name in ("id", "url", "date", "language", "dump"):
            names = getattr(self, name)
            if names and names != getattr(default, name):
                yield name, names
        for name in self.carry:
            yield "carry", (name,)


def check_names(columns: CorpusColumns, has: Callable[[str], bool], *, location: str, there: Iterable[str]) -> None:
    """Raise MissingColumn if a file has none of the names of a needed column; `there` are the names that it has.

    What the path gives (`dump=…/`) counts too.
    """
    folders = folder_values(location)
    for role, names in columns.needed():
        if any(has(name) or (role != "text" and name in folders) for name in names):
            continue
        wanted, listed = " or ".join(map(repr, names)), ", ".join(sorted(there)) or "none"
        what = "no document can be made of its rows" if role == "text" else "the recipe asks for it"
        raise MissingColumn(
            f"{location} has no column {wanted}, and {what}. Its columns are {listed}: name one of them as {role}"
        )


def find(row: Mapping[str, Any], name: str) -> Any:
    """Return the value at a name or dotted path; None where it is absent or null.

    >>> find({"metadata": {"url": "u", "a.b": 1}}, "metadata.url"), find({"metadata": {"a.b": 1}}, "metadata.a.b")
    ('u', 1)
    """
    if name in row:
        return row[name]
    for head, rest in _cuts(name):
        inner = row.get(head)
        if isinstance(inner, Mapping) and (value := find(inner, rest)) is not None:
            return value
    return None


def first(row: Mapping[str, Any], names: Names) -> Any:
    """Return the first value that is there and not null."""
    return next((value for name in names if (value := find(row, name)) is not None), None)


def holds(row: Mapping[str, Any], name: str) -> bool:
    """Say whether a row has the name at all, null or not."""
    return name in row or any(isinstance(row.get(head), Mapping) and holds(row[head], rest) for head, rest in _cuts(name))


def paths(schema: pa.Schema, names: Names) -> Names:
    """Return the Parquet paths, of those that a schema has, that hold the names: a struct is read only as far as it is asked for.

    Of a map the whole column is read, since its keys are data.
    """
    return tuple(dict.fromkeys(path for name in names if (path := _path(list(schema), name)) is not None))


def _path(children: list[pa.Field], name: str) -> str | None:
    by_name = {child.name: child for child in children}
    if name in by_name:
        return name
    for head, rest in _cuts(name):
        child = by_name.get(head)
        if child is None:
            continue
        if pa.types.is_map(child.type):
            return head
        if pa.types.is_struct(child.type):
            inner = _path([child.type.field(number) for number in range(child.type.num_fields)], rest)
            if inner is not None:
                return f"{head}.{inner}"
    return None


def _cuts(name: str) -> Iterator[tuple[str, str]]:
    """Yield every way to cut a path in two at a dot."""
    for place, character in enumerate(name):
        if character == ".":
            yield name[:place], name[place + 1 :]
