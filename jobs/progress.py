"""Progress: a live bar on a terminal, one line a minute in a log, so that a person knows whether to wait."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

LOG_EVERY_S = 60.0


@dataclass
class StageBar:
    """Follow one stage: chunks done, and the tasks of Spark inside the chunks that are running."""

    name: str
    chunks: int
    done: int
    bar: RichProgress | None
    task: Any = None
    logged: float = field(default_factory=time.monotonic)

    def chunk_done(self) -> None:
        """Count one more chunk."""
        self.done += 1

    def tasks(self, spark: Any) -> None:
        """Look how far Spark is with this stage's jobs, and show it."""
        tracker = spark.sparkContext.statusTracker()
        total = finished = 0
        for job in tracker.getJobIdsForGroup(self.name):
            info = tracker.getJobInfo(job)
            for number in info.stageIds if info is not None and info.status == "RUNNING" else ():
                stage = tracker.getStageInfo(number)
                if stage is not None:
                    total += stage.numTasks
                    finished += stage.numCompletedTasks
        self._show(finished, total)

    def _show(self, finished: int, total: int) -> None:
        share = min(self.chunks, self.done + (finished / total if total else 0.0))
        if self.bar is not None:
            note = f"{self.done}/{self.chunks} chunks" + (f", {finished}/{total} tasks" if total else "")
            self.bar.update(self.task, completed=share, total=max(1, self.chunks), note=note)
        elif time.monotonic() - self.logged >= LOG_EVERY_S:
            self.logged = time.monotonic()
            print(f"{self.name}: {self.done}/{self.chunks} chunks, {finished}/{total} tasks", file=sys.stderr, flush=True)


class Progress:
    """Print what is going on to a console; `quiet` keeps it to results."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=quiet)

    def say(self, text: str) -> None:
        """Print one line about the run."""
        self.console.print(text, markup=False)

    @contextmanager
    def stage(self, name: str, *, chunks: int = 1, done: int = 0) -> Iterator[StageBar]:
        """Show a stage while it works."""
        if self.quiet or not self.console.is_terminal:
            yield StageBar(name=name, chunks=chunks, done=done, bar=None)
            return
        columns = (TextColumn("{task.description:<9}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
        with RichProgress(*columns, console=self.console, transient=True) as bar:
            task = bar.add_task(name, total=max(1, chunks), completed=done, note="")
            yield StageBar(name=name, chunks=chunks, done=done, bar=bar, task=task)
