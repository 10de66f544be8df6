"""One run of a comparison, in a process of its own: train a model on an arm's tokens, measure it, and write result.json last."""

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from udfs.errors import RefusedError
from udfs.testbed.arm_tokens import Budget, batches
from udfs.testbed.tasks import AnyItem
from udfs.testbed.unigram import unigram_bits
from udfs.tokens.encoders import open_encoder
from udfs.tokens.vocabulary import Vocabulary
from udfs.whole_file import write_json

RESULT, LOCK = "result.json", ".lock"
_WATCH_S = 1.0


class DivergedError(RefusedError):
    """A run whose loss is no number."""


class NamedTexts(NamedTuple):
    """Name held-out texts; `web` marks bits a byte that mislead."""

    name: str
    web: bool
    texts: tuple[str, ...]


class NamedItems(NamedTuple):
    """Name the items of a task as a model is asked them: what guessing gets, and the solved items before each question."""

    name: str
    baseline: float
    shots: int
    items: tuple[AnyItem, ...]


@dataclass(frozen=True)
class Measured:
    """Hold what every model is measured by, and the tokenizer; `start` is the token before every text."""

    vocabulary: Vocabulary
    start: int
    held_out: tuple[NamedTexts, ...]
    tasks: tuple[NamedItems, ...]


@dataclass(frozen=True)
class OneRun:
    """Name a run, and hold what decides it: `shape` and `schedule` are the fields of model.Shape and training.Schedule.

    `key` hashes what decides the weights, and `measured_key` also what they are measured by.
    """

    arm: str
    seed: int
    order: int
    folder: Path
    arm_folder: Path
    shape: dict[str, Any]
    schedule: dict[str, Any]
    budget: Budget
    key: str
    measured_key: str


def result_of(run: OneRun) -> dict[str, Any] | None:
    """Read the result of a run that is finished under its key; None if there is none."""
    try:
        found: dict[str, Any] = json.loads((run.folder / RESULT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if found.get("key") == run.measured_key else None


def do_run(run: OneRun, measured: Measured) -> dict[str, Any]:
    """Train, measure, and return what result.json says. A run that is finished is only read. Raises DivergedError, ArmError."""
    run.folder.mkdir(parents=True, exist_ok=True)
    with _locked(run.folder / LOCK):
        done = result_of(run)
        return _done(run, measured) if done is None else done


def _done(run: OneRun, measured: Measured) -> dict[str, Any]:
    import torch  # a command that trains nothing does without

    from udfs.testbed.model import Shape, parameters
    from udfs.testbed.training import Run, Schedule, train

    began = time.monotonic()
    if run.schedule["device"] == "cpu":
        torch.set_num_threads(1)  # runs stand side by side, and one thread gives the same bits each time
    shape, schedule = Shape(**run.shape), Schedule(**run.schedule)
    data = batches(run.arm_folder, run.budget, seed=run.seed, order=run.order)
    (run.folder / RESULT).unlink(missing_ok=True)
    try:
        weights = train(Run(run.folder, run.seed, run.key), shape, schedule, data.rows, lambda step: None)
    except FloatingPointError as error:
        raise DivergedError(
            f"arm {run.arm!r}, seed {run.seed}: {error}, so the model has learned nothing; the other runs are kept. Lower "
            f"[compare.training] learning_rate, and run again"
        ) from None
    trained = time.monotonic() - began
    result = {
        "arm": run.arm,
        "seed": run.seed,
        "tokens": run.budget.sequences * run.budget.length,
        "distinct_tokens": data.distinct_tokens,
        "epochs": round(data.epochs, 4),
        "documents": data.documents,
        "seconds": round(trained, 1),
        "parameters": parameters(shape),
        **_measures(weights, shape, run, measured),
        "key": run.measured_key,
    }
    write_json(run.folder / RESULT, result)
    return result


def _measures(weights: Any, shape: Any, run: OneRun, measured: Measured) -> dict[str, Any]:
    from udfs.testbed.scoring import Scorer, score_items, score_texts

    encode = open_encoder(measured.vocabulary, "definition")
    scorer = Scorer(weights, shape, encode, measured.start, str(run.schedule["device"]))
    unigram = {
        one.name: unigram_bits(run.arm_folder, one.texts, encode, vocabulary=shape.vocabulary) for one in measured.held_out
    }
    texts = {one.name: (one.web, score_texts(scorer, one.texts)) for one in measured.held_out}
    tasks = {
        one.name: {**asdict(score_items(scorer, one.items)), "baseline": one.baseline, "shots": one.shots}
        for one in measured.tasks
    }
    return {
        "bits_per_byte": {
            name: {"value": found.bits_per_byte, "unigram": unigram[name], "bytes": found.bytes, "web": web}
            for name, (web, found) in texts.items()
        },
        "loss_by_position": {name: [list(one) for one in found.by_position] for name, (_, found) in texts.items()},
        "tasks": tasks,
    }


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait until no other process has the run. The kernel frees it when its holder dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def end_with(parent: int) -> None:
    """End this process soon after its parent: a run whose command was killed should not go on alone."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
