"""CORE and EXTENDED: accuracies centred on what guessing gets, then averaged over DCLM's tasks (arXiv 2406.11794, section 3.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from udfs.testbed.core_tasks import CORE_TASKS, Version


@dataclass(frozen=True)
class Metric:
    """Hold CORE or EXTENDED; the value is None if an accuracy is missing, because a mean of other tasks is another metric."""

    name: Literal["CORE", "EXTENDED"]
    version: Version
    value: float | None
    missing: tuple[str, ...]


def centred(accuracy: float, *, baseline: float) -> float:
    """Return an accuracy on a scale where guessing is 0 and all right is 1; both from 0 to 1.

    >>> centred(0.25, baseline=0.25), centred(1.0, baseline=0.25), centred(0.625, baseline=0.25)
    (0.0, 1.0, 0.5)
    """
    return (accuracy - baseline) / (1 - baseline)


def core(accuracies: Mapping[str, float], version: Version = 2) -> Metric:
    """Return CORE, the mean over 22 tasks; accuracies from 0 to 1 by the names of CORE_TASKS."""
    return _mean("CORE", accuracies, version)


def extended(accuracies: Mapping[str, float], version: Version = 2) -> Metric:
    """Return EXTENDED, the mean over 53 tasks; accuracies from 0 to 1 by the names of CORE_TASKS."""
    return _mean("EXTENDED", accuracies, version)


def categories(accuracies: Mapping[str, float], version: Version = 2) -> dict[str, float | None]:
    """Return the mean of each category of EXTENDED; None where an accuracy of it is missing."""
    names = dict.fromkeys(task.category for task in CORE_TASKS.values())
    return {
        name: _value([task for task in CORE_TASKS if CORE_TASKS[task].category == name], accuracies, version) for name in names
    }


def centred_task(task: str, accuracy: float, version: Version = 2) -> float:
    """Return the centred accuracy of one of CORE_TASKS."""
    return centred(accuracy, baseline=CORE_TASKS[task].baselines[version - 1] / 100)


def _mean(name: Literal["CORE", "EXTENDED"], accuracies: Mapping[str, float], version: Version) -> Metric:
    tasks = [task for task, facts in CORE_TASKS.items() if facts.in_core or name == "EXTENDED"]
    missing = tuple(task for task in tasks if task not in accuracies)
    return Metric(name, version, _value(tasks, accuracies, version), missing)


def _value(tasks: list[str], accuracies: Mapping[str, float], version: Version) -> float | None:
    if any(task not in accuracies for task in tasks):
        return None
    return sum(centred_task(task, accuracies[task], version) for task in tasks) / len(tasks)
