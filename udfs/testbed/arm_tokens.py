"""An arm's tokens on disk: documents one behind the other, or the sequences that `[pack]` has written; and a run's batches of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from udfs.errors import RefusedError
from udfs.testbed.order import TextKeys, order_of
from udfs.tokens.encoders import Encode

FACTS, TOKENS, OFFSETS, KEYS = "arm.json", "tokens.bin", "offsets.npy", "keys.npy"
TOKEN = np.dtype("<i4")
TEXTS_AT_ONCE = 512
_EPOCH = 1  # apart from seed and order, so that no two orders of a run are alike

Holds = Callable[[str], str | None]
"""Return the name of the evaluation set or held-out text that a document holds; None if it holds none."""


class ArmError(RefusedError):
    """An arm that cannot be read, or has too few tokens to train on."""


@dataclass
class Written:
    """Count what an arm has: documents and tokens to train on, bytes of their text, and what was left out, by what it held."""

    documents: int = 0
    tokens: int = 0
    bytes: int = 0
    removed: dict[str, int] = field(default_factory=dict)

    def leave_out(self, held: str, documents: int = 1) -> None:
        """Count documents that are left out."""
        self.removed[held] = self.removed.get(held, 0) + documents


@dataclass(frozen=True)
class Budget:
    """Say what a run takes: `steps` batches of `batch` sequences of `length` tokens, over `epochs` times the same tokens."""

    steps: int
    batch: int
    length: int
    epochs: int

    @property
    def sequences(self) -> int:
        """Return the sequences of a whole run."""
        return self.steps * self.batch


@dataclass(frozen=True)
class Batches:
    """Hold a run's data: `rows(step)` gives a batch, a token longer than the model's sequence; a negative token is padding."""

    rows: Callable[[int], npt.NDArray[np.int64]]
    documents: int
    distinct_tokens: int
    epochs: float


def write_documents(folder: Path, texts: Iterator[str], encode: Encode, *, eos: int, holds: Holds) -> Written:
    """Tokenise texts, `eos` behind each, those left out that hold an evaluation item; one piece of texts is in memory at once."""
    folder.mkdir(parents=True, exist_ok=True)
    counts, ends, seen = Written(), [0], TextKeys()
    with (folder / TOKENS).open("wb") as file:
        while some := list(islice(texts, TEXTS_AT_ONCE)):
            kept = []
            for text in some:
                held = holds(text)
                if held is None:
                    kept.append(text)
                else:
                    counts.leave_out(held)
            ids, offsets = encode(kept)
            file.write(np.insert(ids.astype(TOKEN), offsets[1:], eos).tobytes())
            ends += (ends[-1] + offsets[1:] + np.arange(1, len(kept) + 1)).tolist()
            seen.add(kept)
            counts.bytes += sum(len(text.encode("utf-8", "surrogatepass")) for text in kept)
    np.save(folder / OFFSETS, np.array(ends, np.int64))
    np.save(folder / KEYS, seen.keys())
    counts.documents, counts.tokens = len(ends) - 1, ends[-1]
    return counts


def batches(folder: Path, budget: Budget, *, seed: int, order: int) -> Batches:
    """Return a run's batches. A hash of seed and order decides which tokens are drawn, and how they follow each other in each epoch.

    Raises ArmError for an arm with less than one sequence.
    """
    facts = json.loads((folder / FACTS).read_text("utf-8"))
    chosen = _sequences if facts["sequence_length"] else _documents
    rows, documents = chosen(folder, budget, seed, order)
    count = len(rows)
    if not count:
        raise ArmError(
            f"arm {facts['name']!r} has {facts['tokens']:,} tokens, not one sequence of {budget.length:,}: nothing can be trained on it. "
            f"Give it more text"
        )
    places: dict[int, npt.NDArray[np.int64]] = {}

    def row(number: int) -> npt.NDArray[Any]:
        epoch, at = divmod(number, count)
        if epoch not in places:
            places.clear()
            places[epoch] = order_of(np.arange(count, dtype=np.uint64), seed, order, _EPOCH + epoch)
        found: npt.NDArray[Any] = rows[int(places[epoch][at])]
        return found

    def of(step: int) -> npt.NDArray[np.int64]:
        first = step * budget.batch
        return np.stack([row(number) for number in range(first, first + budget.batch)]).astype(np.int64)

    return Batches(of, documents, count * budget.length, budget.sequences / count)


def _documents(folder: Path, budget: Budget, seed: int, order: int) -> tuple[npt.NDArray[Any], int]:
    """Return overlapping sequences of documents in the order of a hash, as many as one epoch takes, and the number of documents."""
    offsets, keys = np.load(folder / OFFSETS), np.load(folder / KEYS)
    tokens = np.memmap(folder / TOKENS, TOKEN, mode="r") if offsets[-1] else np.zeros(0, TOKEN)
    places = order_of(keys, seed, order)
    wanted = -(-budget.sequences // budget.epochs) * budget.length + 1
    reached = np.cumsum(np.diff(offsets)[places])
    places = places[: int(np.searchsorted(reached, wanted)) + 1]
    stream = np.concatenate([np.zeros(0, TOKEN), *(tokens[offsets[at] : offsets[at + 1]] for at in places)])[:wanted]
    if len(stream) <= budget.length:
        return np.zeros((0, 0), TOKEN), 0
    windows = np.lib.stride_tricks.sliding_window_view(stream, budget.length + 1)
    return windows[:: budget.length], len(places)


def _sequences(folder: Path, budget: Budget, seed: int, order: int) -> tuple[npt.NDArray[Any], int]:
    """Return packed sequences in the order of a hash, as many as one epoch takes, and the number of their documents."""
    rows = np.memmap(folder / TOKENS, TOKEN, mode="r").reshape(-1, budget.length + 1)
    places = order_of(np.arange(len(rows), dtype=np.uint64), seed, order)[: -(-budget.sequences // budget.epochs)]
    offsets, keys = np.load(folder / OFFSETS), np.load(folder / KEYS)
    mine = np.concatenate([np.zeros(0, np.uint64), *(keys[offsets[at] : offsets[at + 1]] for at in places)])
    return rows[places], len(np.unique(mine))
