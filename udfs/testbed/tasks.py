"""Evaluation tasks in llm-foundry's JSON lines: a question with choices, contexts with one ending, or a text to be gone on with."""

import gzip
import hashlib
import itertools
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias

from udfs.errors import RefusedError
from udfs.reading.location import LocationError, open_location

FORMS = "query, choices and gold; context_options, continuation and gold; or context and continuation"
_GZIP = b"\x1f\x8b"


class TaskError(RefusedError):
    """A file of evaluation items that cannot be read, is not the pinned one, or has an item in no known form."""


@dataclass(frozen=True)
class Item:
    """Hold a question and its choices; right is the choice with the lowest mean loss a byte. A choice begins with its own space."""

    context: str
    choices: tuple[str, ...]
    gold: int


@dataclass(frozen=True)
class SchemaItem:
    """Hold contexts and the one ending; right is the context after which the ending has the lowest loss (Winograd's schemas)."""

    contexts: tuple[str, ...]
    continuation: str
    gold: int


@dataclass(frozen=True)
class ExactItem:
    """Hold a text and how it goes on; right is a model whose likeliest tokens, one after another, are the continuation."""

    context: str
    continuation: str


AnyItem: TypeAlias = Item | SchemaItem | ExactItem


@dataclass(frozen=True)
class Task:
    """Hold a task's items as its file has them, all of one form, and the sha256 of the file as it was read."""

    name: str
    sha256: str
    items: tuple[AnyItem, ...]

    @property
    def baseline(self) -> float:
        """Return what guessing gets, from 0 to 1: the mean of one over the number of choices, and 0 for a text to be gone on with."""
        return sum(_chance(item) for item in self.items) / len(self.items)


def read_task(name: str, uri: str, *, sha256: str | None = None) -> Task:
    """Read a task from a path, s3:// or https:// location, gzip or not.

    Raises TaskError for a file that cannot be read, is empty, is not the pinned one, or holds an item in no known form or of a second
    form.
    """
    where = f"task {name!r}: {uri}"
    try:
        with closing(open_location(uri)) as stream:
            content = stream.read()
        found = hashlib.sha256(content).hexdigest()
        if sha256 not in (None, found):
            raise TaskError(
                f"{where} has sha256 {found}, and the recipe says {sha256}: it is damaged or another version, so nothing was run. "
                f"Fetch it again, or pin the new hash"
            )
        lines = (gzip.decompress(content) if content.startswith(_GZIP) else content).decode("utf-8").split("\n")
    except (LocationError, OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise TaskError(
            f"{where} cannot be read: {error}; nothing was run. Name a file of JSON lines, with .gz or not"
        ) from None
    items = tuple(_item(line, f"{where}, line {number}") for number, line in enumerate(lines, 1) if line.strip())
    if len({type(item) for item in items}) != 1:
        what = "items of several forms" if items else "no items"
        raise TaskError(
            f"{where} has {what}, so it has no one score; nothing was run. Name a file with items in one form: {FORMS}"
        )
    return Task(name, found, items)


def prompts(task: Task, *, shots: int = 0, delimiter: str = " ", most: int | None = None, seed: int = 0) -> tuple[AnyItem, ...]:
    r"""Return the items as a model is asked them, each after `shots` others of the task with their answers.

    Contexts end without white space, and answers begin with what stood between them. `most` limits how many are asked. Which are, and
    which stand before an item, are hashes of seed and place; an item never stands before itself. Raises TaskError for more shots than
    there are other items.

    >>> task = Task("sums", "", (Item("2 + 2", ("3", "4"), 1), Item("1 + 1 ", ("2", "5"), 0)))
    >>> prompts(task, shots=1, delimiter="\nAnswer: ")[0]
    Item(context='1 + 1\nAnswer: 2\n\n2 + 2\nAnswer:', choices=(' 3', ' 4'), gold=1)
    """
    if not 0 <= shots < len(task.items):
        raise TaskError(
            f"task {task.name!r} has {len(task.items):,} items, so {shots:,} others cannot stand before each; nothing was run. "
            f"Give shots from 0 to {len(task.items) - 1:,}"
        )
    places = range(len(task.items))
    asked = places if most is None else sorted(sorted(places, key=lambda place: _hash(f"{seed}:asked:{place}"))[:most])
    return tuple(_prompt(task, place, shots=shots, delimiter=delimiter, seed=seed) for place in asked)


def _prompt(task: Task, place: int, *, shots: int, delimiter: str, seed: int) -> AnyItem:
    others = _drawn(shots, of=len(task.items), but=place, key=f"{seed}:{place}")
    before = "".join(f"{_answered(task.items[other], delimiter)}\n\n" for other in others)
    end = delimiter.rstrip()
    space = delimiter[len(end) :]

    def asked(context: str) -> str:
        return f"{before}{context.rstrip()}{end}"

    match task.items[place]:
        case Item(context, choices, gold):
            return Item(asked(context), tuple(space + choice for choice in choices), gold)
        case SchemaItem(contexts, continuation, gold):
            return SchemaItem(tuple(map(asked, contexts)), space + continuation, gold)
        case ExactItem(context, continuation):
            return ExactItem(asked(context), space + continuation)


def _answered(item: AnyItem, delimiter: str) -> str:
    match item:
        case Item(context, choices, gold):
            return f"{context.rstrip()}{delimiter}{choices[gold]}"
        case SchemaItem(contexts, continuation, gold):
            return f"{contexts[gold].rstrip()}{delimiter}{continuation}"
        case ExactItem(context, continuation):
            return f"{context.rstrip()}{delimiter}{continuation}"


def _drawn(count: int, *, of: int, but: int, key: str) -> Iterator[int]:
    """Yield `count` different places below `of`, in an order that is a hash of the key; never the place `but`."""
    seen = {but}
    draws = (_hash(f"{key}:{draw}") % of for draw in itertools.count())
    while len(seen) <= count:
        place = next(draws)
        if place not in seen:
            seen.add(place)
            yield place


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")


def _chance(item: AnyItem) -> float:
    match item:
        case Item(_, choices, _):
            return 1 / len(choices)
        case SchemaItem(contexts, _, _):
            return 1 / len(contexts)
        case ExactItem():
            return 0.0


def _item(line: str, where: str) -> AnyItem:
    try:
        row = json.loads(line)
        read = next((read for keys, read in _READ.items() if isinstance(row, dict) and keys <= row.keys()), None)
        if read is None:
            raise ValueError(f"its keys are {', '.join(row) if isinstance(row, dict) else 'none'}")
        return read(row)
    except ValueError as error:
        raise TaskError(f"{where} is no item of a known form ({error}), so nothing was run. The forms: {FORMS}") from None


def _texts(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(text, str) and text for text in value):
        raise ValueError(f"{key} is no list of two texts or more")
    return tuple(value)


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is no text, or an empty one")
    return value


def _place(value: Any, texts: tuple[str, ...]) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < len(texts):
        raise ValueError(f"gold is {value!r}, and the choices are numbered 0 to {len(texts) - 1}")
    return value


def _choices(row: Mapping[str, Any]) -> Item:
    choices = _texts(row["choices"], "choices")
    return Item(_text(row["query"], "query"), choices, _place(row["gold"], choices))


def _schema(row: Mapping[str, Any]) -> SchemaItem:
    contexts = _texts(row["context_options"], "context_options")
    return SchemaItem(contexts, _text(row["continuation"], "continuation"), _place(row["gold"], contexts))


def _exact(row: Mapping[str, Any]) -> ExactItem:
    return ExactItem(_text(row["context"], "context"), _text(row["continuation"], "continuation"))


_READ: Mapping[frozenset[str], Callable[[Mapping[str, Any]], AnyItem]] = {
    frozenset({"query", "choices", "gold"}): _choices,
    frozenset({"context_options", "continuation", "gold"}): _schema,
    frozenset({"context", "continuation"}): _exact,
}
