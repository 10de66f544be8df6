"""The jobs of a run as Spark's event log names them, and how far a run that was killed had come among those of an undisturbed one."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

FOLDER = "jobs"  # of the event log, beside a root
PLAIN = {"eventLog.enabled": "true", "eventLog.rolling.enabled": "false", "eventLog.compress": "false"}


def log_jobs(folder: Path) -> None:
    """Let the session that starts next write its events to an empty folder, each job as it begins."""
    folder.mkdir(parents=True)
    settings = PLAIN | {"eventLog.dir": folder.as_uri()}
    conf = " ".join(f"--conf spark.{name}={value}" for name, value in settings.items())
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"{conf} pyspark-shell"


def logged_jobs(folder: Path) -> list[str]:
    """Return what each job is called, in the order in which they began: stage, step, and the names of what it computes."""
    (log,) = (path for path in folder.iterdir() if not path.name.startswith("."))
    names = []
    for line in log.read_text("utf-8", errors="replace").splitlines():
        if line.startswith('{"Event":"SparkListenerJobStart"') and line.endswith("}"):
            event = json.loads(line)
            told = event["Properties"].get("spark.job.description") or ""
            computed = sorted(stage["Stage Name"].partition(" at ")[0] for stage in event["Stage Infos"])
            names.append(f"{told} | {' '.join(computed)}")
    return names


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
