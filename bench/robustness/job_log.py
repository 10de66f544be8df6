"""The jobs of a run as Spark's event log names them, what they cost, and how far a run that was killed had come among those of another."""

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

FOLDER = "jobs"  # of the event log, beside a root
EVENTS = tuple(f'{{"Event":"SparkListener{event}"' for event in ("JobStart", "JobEnd", "TaskEnd"))
PLAIN = {"eventLog.enabled": "true", "eventLog.rolling.enabled": "false", "eventLog.compress": "false"}


def log_jobs(folder: Path) -> None:
    """Let the session that starts next write its events to an empty folder, each job as it begins."""
    folder.mkdir(parents=True)
    settings = PLAIN | {"eventLog.dir": folder.as_uri()}
    conf = " ".join(f"--conf spark.{name}={value}" for name, value in settings.items())
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"{conf} pyspark-shell"


@dataclass(frozen=True)
class Job:
    """Name a job, and say how many milliseconds its tasks ran, Python's share included; None if it did not end."""

    name: str
    ran: int | None


def logged_jobs(folder: Path) -> list[Job]:
    """Return the jobs in the order in which they began, each called by stage, step, and the names of what it computes."""
    (log,) = (path for path in folder.iterdir() if not path.name.startswith("."))
    names: dict[int, str] = {}
    owners: dict[int, int] = {}  # of a stage: the first job that asks for it; later ones find what it wrote
    ran: dict[int, int] = defaultdict(int)
    ended: set[int] = set()
    for line in log.read_text("utf-8", errors="replace").splitlines():
        if not line.startswith(EVENTS) or not line.endswith("}"):
            continue
        event = json.loads(line)
        if event["Event"] == "SparkListenerTaskEnd":
            ran[owners[event["Stage ID"]]] += (event.get("Task Metrics") or {}).get("Executor Run Time", 0)
        elif event["Event"] == "SparkListenerJobEnd":
            ended.add(event["Job ID"])
        else:
            told = event["Properties"].get("spark.job.description") or ""
            computed = sorted(stage["Stage Name"].partition(" at ")[0] for stage in event["Stage Infos"])
            names[event["Job ID"]] = f"{told} | {' '.join(computed)}"
            for stage in event["Stage Infos"]:
                owners.setdefault(stage["Stage ID"], event["Job ID"])
    return [Job(name, ran[number] if number in ended else None) for number, name in names.items()]


def usual(undisturbed: Sequence[Job]) -> dict[str, float]:
    """Return for each name of a job how many milliseconds those of that name ran on average: a busy machine or a cold JVM alters nothing.

    >>> usual([Job("a", 10), Job("b", 5), Job("a", 20)])
    {'a': 15, 'b': 5}
    """
    ran: dict[str, list[int]] = defaultdict(list)
    for job in undisturbed:
        ran[job.name].append(job.ran or 0)
    return {name: mean(times) for name, times in ran.items()}


def work(jobs: Sequence[Job], each: Mapping[str, float]) -> float:
    """Return how many milliseconds the jobs that ended run usually; one that the undisturbed run never had, as many as it ran here.

    >>> work([Job("a", 40), Job("look", 3), Job("a", None)], {"a": 15.0})
    18.0
    """
    return sum(each.get(job.name, job.ran) for job in jobs if job.ran is not None)


def place(undisturbed: Sequence[str], jobs: Sequence[str], *, near: int) -> tuple[int, int]:
    """Return how many jobs of an undisturbed run lie behind one whose last jobs are these, and how many of those are met in order.

    Where several places fit as well, it is the one nearest to `near`.

    >>> place(["a", "b", "c", "b", "c", "d"], ["look", "b", "c"], near=5), place(["a", "b", "c", "b", "c"], ["b", "c"], near=2)
    ((5, 2), (3, 2))
    """

    def alike(end: int) -> int:
        count = 0
        while count < min(end, len(jobs)) and undisturbed[end - 1 - count] == jobs[-1 - count]:
            count += 1
        return count

    found = max(range(len(undisturbed) + 1), key=lambda end: (alike(end), -abs(end - near)))
    return found, alike(found)
