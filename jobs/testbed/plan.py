"""What a comparison will do and cost, said before it starts: runs, tokens, operations, and hours from a short timed probe."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint, package_versions
from jobs.testbed.settings import Arm, Compare
from udfs.testbed.arm_tokens import Budget
from udfs.testbed.one_run import OneRun, result_of

REVISION = 1  # of how a run trains and is measured
PROBE_STEPS = 2  # timed, after one that warms up
PROBE_SEQUENCES = 16  # of a probed step on a CPU, at most: a large batch would take long


@dataclass(frozen=True)
class Plan:
    """Hold the runs of a comparison, those that are left to do, how many stand side by side, and the cost of one."""

    runs: tuple[OneRun, ...]
    left: tuple[OneRun, ...]
    processes: int
    parameters: int
    flops_a_run: float
    seconds_a_run: float
    device: str

    @property
    def tokens_a_run(self) -> int:
        """Return the tokens that every run trains on."""
        return self.runs[0].budget.sequences * self.runs[0].budget.length

    @property
    def seconds(self) -> float:
        """Return how long what is left will take: every run at the probe's speed, in rounds of those side by side."""
        return -(-len(self.left) // self.processes) * self.seconds_a_run


def make_plan(settings: Compare, root: Path, *, vocabulary: int, keys: Mapping[str, str], measures: str) -> Plan:
    """Plan a comparison, and time a few steps of its model if anything is left to do.

    `vocabulary` is the rows of the model's table, `keys` are the arms' by their names. Raises RecipeError for
    a GPU that is not there, and for a budget below one step.
    """
    runs = tuple(_runs(settings, root, vocabulary=vocabulary, keys=keys, measures=measures))
    device = str(runs[0].schedule["device"])
    left = tuple(run for run in runs if result_of(run) is None)
    from udfs.testbed.model import Shape, flops_a_token, parameters

    shape = Shape(**runs[0].shape)
    budget = runs[0].budget
    processes = settings.training.processes or (len(os.sched_getaffinity(0)) if device == "cpu" else 1)
    return Plan(
        runs=runs,
        left=left,
        processes=max(1, min(processes, len(left))),
        parameters=parameters(shape),
        flops_a_run=float(flops_a_token(shape)) * budget.sequences * budget.length,
        seconds_a_run=_probed(runs[0]) if left else 0.0,
        device=device,
    )


def lines(plan: Plan, settings: Compare) -> Iterator[str]:
    """Say what will be done and what it costs."""
    tokens, done = plan.tokens_a_run, len(plan.runs) - len(plan.left)
    yield (
        f"compare  {len(settings.arms)} arms x {len(settings.seeds)} seeds = {len(plan.runs)} runs"
        f"{f', {done} of them finished before' if done else ''}"
    )
    yield f"model    {plan.parameters:,} parameters, {tokens / plan.parameters:.1f} tokens a parameter"
    yield (
        f"budget   {tokens:,} tokens a run, {tokens * len(plan.left):,} to train; "
        f"{plan.flops_a_run * len(plan.left):.2g} FLOPs on {plan.device}"
    )
    if plan.left:
        yield (
            f"time     about {_hours(plan.seconds)}: {_hours(plan.seconds_a_run)} a run, {plan.processes} side by side, as a probe of "
            f"{PROBE_STEPS} steps says; texts are tokenised before, and models are measured after"
        )


def _runs(settings: Compare, root: Path, *, vocabulary: int, keys: Mapping[str, str], measures: str) -> Iterator[OneRun]:
    device = _device(settings)
    shape = settings.model.model_dump() | {"vocabulary": vocabulary}
    learned = settings.training
    steps = learned.tokens // (learned.batch_sequences * settings.model.sequence_length)
    if not steps:
        raise RecipeError(
            f"[compare.training] tokens = {learned.tokens:,} is less than one step of {learned.batch_sequences:,} sequences of "
            f"{settings.model.sequence_length:,}: nothing could be trained. Raise it"
        )
    schedule: dict[str, Any] = learned.model_dump(exclude={"tokens", "batch_sequences", "processes", "precision", "device"})
    precision = learned.precision
    if precision == "auto":
        precision = "float32" if device == "cpu" else "bfloat16"
    schedule |= {"steps": steps, "precision": precision, "device": device}
    decides = {name: value for name, value in schedule.items() if name != "checkpoint_steps"}
    versions = package_versions(("torch",))
    for arm in settings.arms:
        budget = Budget(steps, learned.batch_sequences, settings.model.sequence_length, arm.epochs)
        for seed in settings.seeds:
            key = fingerprint(REVISION, keys[arm.name], shape, decides, asdict(budget), seed, arm.order, versions)
            yield OneRun(
                arm=arm.name,
                seed=seed,
                order=arm.order,
                folder=root / "runs" / arm.name / f"seed-{seed}",
                arm_folder=arm_folder(root, arm),
                shape=shape,
                schedule=schedule,
                budget=budget,
                key=key,
                measured_key=fingerprint(key, measures),
            )


def arm_folder(root: Path, arm: Arm) -> Path:
    """Return where an arm's tokens lie."""
    return root / "arms" / arm.name


def _device(settings: Compare) -> str:
    """Return the device that runs use. Raises RecipeError for a GPU that is not there."""
    import torch

    wanted = settings.training.device
    has_gpu = torch.cuda.is_available()
    if wanted == "auto":
        return "cuda" if has_gpu else "cpu"
    if wanted != "cpu" and not has_gpu:
        raise RecipeError(
            f"[compare.training] device = {wanted!r}, and torch {torch.__version__} finds no GPU: nothing was run. Say cpu or auto, or "
            f"install a torch that knows the GPU"
        )
    return wanted


def _probed(run: OneRun) -> float:
    """Return the seconds that a run's steps will take, from a few of them on tokens of no meaning."""
    import numpy as np
    import torch

    from udfs.testbed.model import Shape
    from udfs.testbed.training import Run, Schedule, learn, restored

    shape, schedule = Shape(**run.shape), Schedule(**run.schedule)
    sequences = min(run.budget.batch, PROBE_SEQUENCES) if schedule.device == "cpu" else run.budget.batch
    threads = torch.get_num_threads()
    try:
        if schedule.device == "cpu":
            torch.set_num_threads(1)
        state = restored(Run(run.folder / "none", 0, ""), shape, schedule)
        batch = np.random.default_rng(0).integers(0, shape.vocabulary, (sequences, run.budget.length + 1))
        learn(state, batch, shape, schedule)
        began = time.perf_counter()
        for _ in range(PROBE_STEPS):
            learn(state, batch, shape, schedule)
        took = (time.perf_counter() - began) / PROBE_STEPS
    finally:
        torch.set_num_threads(threads)
    return took * run.budget.steps * run.budget.batch / sequences


def _hours(seconds: float) -> str:
    """Word a time.

    >>> _hours(40), _hours(600), _hours(9000)
    ('40 s', '10.0 minutes', '2.5 hours')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
