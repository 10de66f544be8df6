"""What every model of a comparison is measured by: held-out texts and items, read once, and the search for them in training text."""

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from jobs.engine.errors import RecipeError
from jobs.testbed.settings import Compare, HeldOut
from jobs.testbed.texts import corpus_texts
from udfs.grams.build_index import build_index
from udfs.grams.gram_index import GramIndex
from udfs.grams.protected import Bounds, Item, Protected
from udfs.grams.shared_runs import held_texts
from udfs.reading.location import LocationError, open_location
from udfs.testbed.arm_tokens import Holds
from udfs.testbed.tasks import AnyItem, ExactItem, SchemaItem, Task, prompts, read_task
from udfs.testbed.tasks import Item as Question

# as [decontaminate] has them by default
BOUNDS = Bounds(ngram=13, every=1, max_items=100, min_words=6, answer_within=32, min_share=0.5)
_PIECE = 1 << 20


@dataclass(frozen=True)
class HeldOutTexts:
    """Hold the texts that were drawn, and the sha256 of a file, or of the texts of a folder."""

    settings: HeldOut
    texts: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class AskedTask:
    """Hold a task, and its items as a model is asked them, each behind `shots` solved ones."""

    task: Task
    shots: int
    asked: tuple[AnyItem, ...]


@dataclass(frozen=True)
class Measures:
    """Hold all that models are measured by."""

    held_out: tuple[HeldOutTexts, ...]
    tasks: tuple[AskedTask, ...]

    def sha256(self) -> dict[str, str]:
        """Return the hash of each, by its kind and name."""
        texts = {f"text {one.settings.name}": one.sha256 for one in self.held_out}
        return texts | {f"task {one.task.name}": one.task.sha256 for one in self.tasks}


def read_measures(settings: Compare) -> Measures:
    """Read held-out texts and tasks. Raises RecipeError or TaskError for one that cannot be read or is not the pinned one."""
    held_out = tuple(_held_out(one) for one in settings.held_out)
    tasks = []
    for one in settings.tasks:
        task = read_task(one.name, one.uri, sha256=one.sha256)
        tasks.append(AskedTask(task, one.shots, prompts(task, shots=one.shots, delimiter=one.delimiter, most=one.max_items)))
    return Measures(held_out, tuple(tasks))


def search(measures: Measures) -> Holds:
    """Return what tells which measure a document holds, by n-grams of 13 words, as the stage decontaminate finds them."""
    index = _index(measures)

    def holds(text: str) -> str | None:
        found = held_texts(text, index)
        return index.item_names[int(index.items[found[0].text])].set if found else None

    return holds


def _index(measures: Measures) -> GramIndex:
    items: list[Item] = []
    protected: list[Protected] = []
    for held in measures.held_out:
        for number, text in enumerate(held.texts):
            protected.append(Protected(len(items), "text", text))
            items.append(Item(held.settings.name, str(number)))
    for asked in measures.tasks:
        for number, one in enumerate(asked.task.items):
            protected += (Protected(len(items), "item", question, answer) for question, answer in _texts(one))
            items.append(Item(asked.task.name, str(number)))
    return build_index(protected, items, BOUNDS)


def _texts(item: AnyItem) -> Iterator[tuple[str, str]]:
    """Yield the question of an item with its right answer."""
    match item:
        case Question(context, choices, gold):
            yield context, choices[gold]
        case SchemaItem(contexts, continuation, gold):
            yield contexts[gold], continuation
        case ExactItem(context, continuation):
            yield context, continuation


def _held_out(settings: HeldOut) -> HeldOutTexts:
    """Draw texts by a hash of each, until there are `max_bytes`; the last one may go beyond."""
    where = f"[[compare.held_out]] {settings.name!r}: {settings.uri}"
    if settings.sha256 is not None and (found := _sha256(settings.uri, where)) != settings.sha256:
        raise RecipeError(
            f"{where} has sha256 {found}, and the recipe says {settings.sha256}: it is damaged or another version, so nothing was run. "
            f"Fetch it again, or pin the new hash"
        )
    texts = sorted(set(corpus_texts((settings.uri,), settings.text, where=where)), key=_hash)
    drawn, size = [], 0
    for text in texts:
        if size >= settings.max_bytes:
            break
        drawn.append(text)
        size += len(text.encode("utf-8", "surrogatepass"))
    if not drawn:
        raise RecipeError(f"{where} has no text, so nothing could be measured by it; nothing was run. Name another file")
    return HeldOutTexts(settings, tuple(drawn), hashlib.sha256(b"\0".join(map(_hash, drawn))).hexdigest())


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _sha256(uri: str, where: str) -> str:
    found = hashlib.sha256()
    try:
        with closing(open_location(uri)) as stream:
            while piece := stream.read(_PIECE):
                found.update(piece)
    except (LocationError, OSError, zlib.error) as error:
        raise RecipeError(f"{where} cannot be read: {error}; nothing was run") from None
    return found.hexdigest()
