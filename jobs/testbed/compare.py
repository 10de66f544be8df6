"""Compares corpora: plans, makes the arms' tokens, trains and measures every run that is not finished, and writes what was found."""

import fcntl
import multiprocessing
import os
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jobs.engine.errors import GristmillError, LeaseError, RecipeError
from jobs.engine.fingerprint import fingerprint
from jobs.testbed.arms import Facts, Maker, arm_key, make_arm
from jobs.testbed.measures import Measures, read_measures, search
from jobs.testbed.plan import REVISION, Plan, arm_folder, lines, make_plan
from jobs.testbed.settings import Compare
from jobs.testbed.tokenizer import Tokenizer, open_tokenizer
from udfs.testbed.arm_tokens import Holds, batches
from udfs.testbed.one_run import Measured, NamedItems, NamedTexts, OneRun, do_run, end_with
from udfs.whole_file import write_json

COMPARE, LOCK = "compare.json", ".lock"
MEASUREMENT = 2  # of what result.json says of a model: models of another number are measured again, and not trained again

Say = Callable[[str], None]


class KilledError(GristmillError):
    """Say that a process that trained a model was killed, and what to lower."""


def compare(settings: Compare, root: str, *, say: Say, plan_only: bool = False) -> list[dict[str, Any]]:
    """Run a comparison in a folder, and return the results of all its runs. A killed one goes on where it was.

    1. Everything that can be refused is refused, and the plan is said with its cost.
    2. Each arm's texts are tokenised, without documents that hold what models are measured by (arms/). Too few of them are refused.
    3. Each run trains and is measured (runs/), several side by side.
    4. compare.json says what was compared.
    """
    _check_packages()
    place = Path(root).absolute()
    measures = read_measures(settings)
    tokenizer, encode = open_tokenizer(settings)
    searched = fingerprint(measures.sha256()) if settings.decontaminate else ""
    maker = Maker(settings, tokenizer, encode, cache(lambda: _search(settings, measures)), searched)
    keys = {arm.name: arm_key(arm, maker) for arm in settings.arms}
    plan = make_plan(settings, place, vocabulary=tokenizer.rows, keys=keys, measures=_measured_by(settings, measures))
    for line in lines(plan, settings):
        say(line)
    if plan_only:
        return []
    with _held(place):
        arms = []
        for arm in settings.arms:
            arms.append(make_arm(arm, arm_folder(place, arm), keys[arm.name], maker))
            say(_arm_line(arms[-1]))
        for run in {run.arm: run for run in plan.left}.values():  # too little text is refused before hours of training
            batches(run.arm_folder, run.budget, seed=run.seed, order=run.order)
        write_json(place / COMPARE, _told(settings, plan, arms, tokenizer))
        results = list(_results(plan, _measured(measures, tokenizer), say))
        order = {(run.arm, run.seed): number for number, run in enumerate(plan.runs)}
        return sorted(results, key=lambda one: order[one["arm"], one["seed"]])


def _results(plan: Plan, measured: Measured, say: Say) -> Iterator[dict[str, Any]]:
    """Yield each run's result as it comes; with one process in this one, which is what debuggers and GPUs like."""
    left = {(run.arm, run.seed) for run in plan.left}
    done = [run for run in plan.runs if (run.arm, run.seed) not in left]
    yield from (do_run(run, measured) for run in done)
    for number, result in enumerate(_trained(plan, measured), start=1):
        say(_run_line(result, f"{number} of {len(plan.left)}"))
        yield result


def _trained(plan: Plan, measured: Measured) -> Iterator[dict[str, Any]]:
    if plan.processes == 1:
        yield from (do_run(run, measured) for run in plan.left)
        return
    context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    with ProcessPoolExecutor(plan.processes, context, initializer=end_with, initargs=(os.getpid(),)) as pool:
        waiting = [pool.submit(do_run, run, measured) for run in plan.left]
        try:
            yield from (one.result() for one in as_completed(waiting))
        except BrokenProcessPool:
            raise KilledError(
                "a process that trained was killed, most likely for want of memory, so this command stopped. Finished runs are kept. Lower "
                "[compare.training] processes or batch_sequences, and run again"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _check_packages() -> None:
    if find_spec("torch") is None:
        raise RecipeError(
            "`gristmill compare` trains models by torch, which is not installed; nothing was run. Install it: "
            "pip install 'gristmill[pack,testbed]'. docs/testbed.md says how to get the smaller build for CPUs"
        )


def _search(settings: Compare, measures: Measures) -> Holds:
    return search(measures) if settings.decontaminate else lambda text: None


def _measured_by(settings: Compare, measures: Measures) -> str:
    """Hash what decides how a finished model is measured."""
    asked = [one.model_dump(mode="json", exclude={"uri", "sha256"}) for one in (*settings.held_out, *settings.tasks)]
    return fingerprint(REVISION, MEASUREMENT, measures.sha256(), asked)


def _measured(measures: Measures, tokenizer: Tokenizer) -> Measured:
    return Measured(
        tokenizer.vocabulary,
        tokenizer.eos,
        tuple(NamedTexts(one.settings.name, one.settings.web, one.texts) for one in measures.held_out),
        tuple(NamedItems(one.task.name, one.task.baseline, one.shots, one.asked) for one in measures.tasks),
    )


def _told(settings: Compare, plan: Plan, arms: list[Facts], tokenizer: Tokenizer) -> dict[str, Any]:
    """Say what was compared: the recipe as used, the arms, the model and the machine."""
    import torch

    first: OneRun = plan.runs[0]
    return {
        "recipe": settings.model_dump(mode="json"),
        "tokenizer": {"name": tokenizer.vocabulary.name, "sha256": tokenizer.sha256, "eos": tokenizer.eos},
        "model": {**first.shape, "parameters": plan.parameters},
        "training": {**first.schedule, "tokens": plan.tokens_a_run, "flops": plan.flops_a_run},
        "runs": len(plan.runs),
        "tokens": plan.tokens_a_run * len(plan.runs),
        "flops": plan.flops_a_run * len(plan.runs),
        "arms": [
            {name: value for name, value in facts.items() if name not in ("removed", "key")}
            | {
                "epochs": gone_through(facts["tokens"], plan.tokens_a_run, arm.epochs),
                "order": arm.order,
                "removed": sum(facts["removed"].values()),
                "removed_by": facts["removed"],
            }
            for arm, facts in zip(settings.arms, arms, strict=True)
        ],
        "machine": {
            "device": plan.device,
            "name": torch.cuda.get_device_name() if plan.device != "cpu" else platform.machine(),
            "cores": len(os.sched_getaffinity(0)),
            "processes": plan.processes,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }


def gone_through(tokens: int, budget: int, epochs: int) -> float:
    """Return how often a run goes through its tokens: as often as the recipe says, or more for an arm that is smaller.

    >>> gone_through(1000, 100, 2), gone_through(50_000, 190_000, 1)
    (2.0, 3.8)
    """
    return round(budget / max(1, min(tokens, budget / epochs)), 1)


def _arm_line(facts: Facts) -> str:
    removed = sum(facts["removed"].values())
    return (
        f"arm      {facts['name']}: {facts['documents']:,} documents, {facts['tokens']:,} tokens"
        f"{f', {removed:,} documents left out that hold what models are measured by' if removed else ''}"
    )


def _run_line(result: dict[str, Any], which: str) -> str:
    found = [f"{name} {one['value']:.4f}" for name, one in result["bits_per_byte"].items()]
    found += [f"{name} {one['accuracy']:.1%}" for name, one in result["tasks"].items()]
    again = f", {result['epochs']:.1f} times the same tokens" if result["epochs"] > 1 else ""
    return f"run      {which}: {result['arm']} seed {result['seed']}, {result['seconds']:.0f} s{again}: {', '.join(found)}"


@contextmanager
def _held(root: Path) -> Iterator[None]:
    """Keep the folder to this command. The kernel frees it when the command dies. Raises LeaseError if another one has it."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LeaseError(
                f"another `gristmill compare` writes to {root}; nothing was run. Wait until it ends, or name another --root"
            ) from None
        yield
