"""Trains one model: AdamW, a warm-up and a cosine, checkpoints from which a killed run goes on with the same bits."""

import json
import math
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from udfs.testbed.model import Shape, Weights, hidden_states, initial, logits

CHECKPOINT, CURVE = "checkpoint.pt", "curve.jsonl"
BETAS = (0.9, 0.95)  # GPT-3's and Llama's
FINAL_SHARE = 0.1  # of the learning rate, at the end of the cosine
IGNORED = -100  # a target that is not learned: padding

Rows = Callable[[int], npt.NDArray[np.int64]]
"""A step's sequences, each one token longer than what the model sees; a negative token is no target."""


@dataclass(frozen=True)
class Schedule:
    """Say how a run learns. The batches are the data's own; `steps` is how many of them there are."""

    steps: int
    learning_rate: float
    warmup: float
    weight_decay: float
    clip: float
    precision: Literal["float32", "bfloat16"]
    device: str
    checkpoint_steps: int


@dataclass(frozen=True)
class Run:
    """Name one run: its folder, the seed of its weights, and a hash of all that decides it. Another hash's checkpoint is no use."""

    folder: Path
    seed: int
    key: str


@dataclass
class State:
    """Hold a model while it learns."""

    weights: Weights
    optimizer: Any
    step: int


def learning_rate(schedule: Schedule, step: int) -> float:
    """Return the learning rate of a step, from 0: a line up to the largest, then a cosine down to a tenth of it.

    >>> schedule = Schedule(100, 1.0, 0.1, 0.0, 1.0, "float32", "cpu", 10)
    >>> [round(learning_rate(schedule, step), 3) for step in (0, 9, 10, 55, 99)]
    [0.1, 1.0, 1.0, 0.55, 0.1]
    """
    rising = max(1, round(schedule.steps * schedule.warmup))
    if step < rising:
        return schedule.learning_rate * (step + 1) / rising
    done = (step - rising) / max(1, schedule.steps - rising)
    return schedule.learning_rate * (FINAL_SHARE + (1 - FINAL_SHARE) * (1 + math.cos(math.pi * done)) / 2)


def train(run: Run, shape: Shape, schedule: Schedule, rows: Rows, told: Callable[[int], None]) -> Weights:
    """Train to the last step and return the weights, which checkpoint.pt has too; a finished run is only read.

    `curve.jsonl` gets a line a step: step, tokens, loss in nats a token, learning_rate. `told` hears of every finished step.
    On one thread of a CPU a run that was killed ends with the same bits as one that was not.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    state = restored(run, shape, schedule)
    _cut_curve(run.folder / CURVE, state.step)
    with (run.folder / CURVE).open("a", encoding="utf-8") as curve:
        while state.step < schedule.steps:
            batch = rows(state.step)
            loss = learn(state, batch, shape, schedule)
            if not math.isfinite(loss):
                raise FloatingPointError(f"step {state.step}: the loss is {loss}")
            line = {
                "step": state.step,
                "tokens": (state.step + 1) * batch.shape[0] * (batch.shape[1] - 1),
                "loss": round(loss, 6),
                "learning_rate": learning_rate(schedule, state.step),
            }
            curve.write(json.dumps(line) + "\n")
            state.step += 1
            if state.step % schedule.checkpoint_steps == 0 or state.step == schedule.steps:
                curve.flush()
                _save(run, state, shape, is_last=state.step == schedule.steps)
            told(state.step)
    return {name: weight.detach() for name, weight in state.weights.items()}


def learn(state: State, batch: npt.NDArray[np.int64], shape: Shape, schedule: Schedule) -> float:
    """Take one step, and return the mean loss of the batch before it, in nats a token."""
    for group in state.optimizer.param_groups:
        group["lr"] = learning_rate(schedule, state.step)
    ids = torch.from_numpy(batch).to(schedule.device)
    targets = ids[:, 1:]
    kind = schedule.device.partition(":")[0]
    with torch.autocast(kind, dtype=torch.bfloat16, enabled=schedule.precision == "bfloat16"):
        scores = logits(state.weights, hidden_states(state.weights, ids[:, :-1].clamp(min=0), shape))
    wanted = targets.masked_fill(targets < 0, IGNORED).flatten()
    loss = F.cross_entropy(scores.float().flatten(0, 1), wanted, ignore_index=IGNORED)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(state.weights.values()), schedule.clip)
    state.optimizer.step()
    state.optimizer.zero_grad()
    return float(loss.detach())


def restored(run: Run, shape: Shape, schedule: Schedule) -> State:
    """Return the state of a run's last checkpoint; a new one if there is none of this run."""
    found = read_checkpoint(run.folder)
    if found is None or found["key"] != run.key:
        return _state(initial(shape, seed=run.seed), schedule, step=0)
    state = _state(found["weights"], schedule, step=found["step"])
    if found["optimizer"] is not None:
        state.optimizer.load_state_dict(found["optimizer"])
    return state


def read_checkpoint(folder: Path) -> dict[str, Any] | None:
    """Read weights, shape (the fields of `Shape`), step, key and the optimizer's state, which a finished run no longer has.

    None: there is no checkpoint that can be read.
    """
    with suppress(Exception):  # of a torn file torch's reader raises whatever it meets: IndexError, UnpicklingError, EOFError
        found: dict[str, Any] = torch.load(folder / CHECKPOINT, map_location="cpu", weights_only=True)
        return found
    return None


def _state(weights: Weights, schedule: Schedule, *, step: int) -> State:
    mine = {name: weight.detach().to(schedule.device).requires_grad_() for name, weight in weights.items()}
    matrices = [weight for weight in mine.values() if weight.dim() > 1]
    norms = [weight for weight in mine.values() if weight.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": schedule.weight_decay},
        {"params": norms, "weight_decay": 0.0},
    ]
    return State(mine, torch.optim.AdamW(groups, lr=schedule.learning_rate, betas=BETAS, fused=True), step)


def _save(run: Run, state: State, shape: Shape, *, is_last: bool) -> None:
    """Write a checkpoint beside its place and move it there: whoever reads one reads all of it."""
    part = run.folder / f".{CHECKPOINT}.part"
    weights = {name: weight.detach().cpu() for name, weight in state.weights.items()}
    optimizer = None if is_last else state.optimizer.state_dict()
    torch.save({"key": run.key, "step": state.step, "shape": asdict(shape), "weights": weights, "optimizer": optimizer}, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(run.folder / CHECKPOINT)


def _cut_curve(path: Path, steps: int) -> None:
    """Leave the lines of the steps that the checkpoint has: those behind it are taken again, and the last may be torn."""
    with path.open("ab+") as file:
        file.seek(0)
        kept = sum(len(line) for line, _ in zip(file, range(steps), strict=False))
        file.truncate(kept)
