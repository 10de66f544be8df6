"""What `gristmill core` prints: both metrics in both versions, categories, and what is missing or was left out."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from udfs.testbed.centred import categories, centred_task, core, extended
from udfs.testbed.core_tasks import CORE_TASKS
from udfs.testbed.harness_results import Accuracies, ResultsError, read_accuracies
from udfs.testbed.harness_results import together as joined


def table(paths: Sequence[str], *, together: bool, tasks: bool) -> Iterator[str]:
    """Yield the lines; every file is read before the first. Raises ResultsError for one that is no harness's result."""
    read = [read_accuracies(_document(path), where=path) for path in paths]
    models = {" + ".join(paths): joined(read, where=" + ".join(paths))} if together else dict(zip(paths, read, strict=True))
    for name, found in models.items():
        yield f"{name}  ({found.harness})"
        yield from _metrics(found)
        if tasks:
            yield from _tasks(found)
        yield from (f"  left out: {task} {why}" for task, why in found.others.items())


def _metrics(found: Accuracies) -> Iterator[str]:
    yield f"  {'':<28}{'version 1':>11}{'version 2':>11}"
    for metric in (core, extended):
        first, second = metric(found.found, 1), metric(found.found, 2)
        yield f"  {first.name:<28}{_percent(first.value):>11}{_percent(second.value):>11}"
        if first.missing:
            yield f"    missing {len(first.missing)}: {', '.join(first.missing)}"
    old, new = categories(found.found, 1), categories(found.found, 2)
    yield from (f"  {name:<28}{_percent(old[name]):>11}{_percent(new[name]):>11}" for name in old if old[name] is not None)


def _tasks(found: Accuracies) -> Iterator[str]:
    yield f"  {'task':<34}{'accuracy':>9}{'centred':>10}  CORE"
    for task, facts in CORE_TASKS.items():
        if task in found.found:
            accuracy = found.found[task]
            mark = "  yes" if facts.in_core else ""
            yield f"  {task:<34}{_percent(accuracy):>9}{_percent(centred_task(task, accuracy)):>10}{mark}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f}"


def _document(path: str) -> object:
    try:
        return json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ResultsError(
            f"{path} cannot be read as JSON ({error}), so no metric was made. Give a harness's results"
        ) from None
