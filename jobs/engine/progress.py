"""Progress: a bar that moves on a terminal, one line a minute in a log, and job groups by which the Spark UI reads like the recipe."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import SparkContext
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

if TYPE_CHECKING:
    from jobs.engine.root import Root

LOG_EVERY_S = 60.0
POLL_EVERY_S = 0.5


@dataclass
class Counts:
    """How far a stage is: its chunks, what those finished by this run held, and the tasks of the Spark jobs under way.

    Rates and the time left come from chunks that this run has finished; what an earlier run finished says nothing of today's cluster.
    """

    name: str
    clock: Callable[[], float] = time.monotonic
    chunks: int = 0  # 0: the stage is not cut into chunks
    done: int = 0
    done_now: int = 0
    pages: int = 0
    kept: int | None = None  # None: the stage does not decide
    tasks: int = 0
    tasks_done: int = 0
    began: float = 0.0
    finished: float = 0.0  # when the last chunk was

    def __post_init__(self) -> None:
        """Start the clock."""
        self.began = self.clock()

    def start_chunks(self, total: int, *, done: int) -> None:
        """Begin to count chunks, `done` of which were finished by earlier runs."""
        self.chunks, self.done, self.done_now, self.pages, self.kept = total, done, 0, 0, None
        self.began = self.clock()

    def chunk_done(self, *, pages: int, kept: int | None) -> None:
        """Count one more chunk, the pages that went into it, and those that it kept."""
        self.pages += pages
        self.kept = self.kept if kept is None else (self.kept or 0) + kept
        self.finished = self.clock()
        self.done_now += 1
        self.done += 1

    def seconds_left(self) -> float | None:
        """Reckon the seconds that the rest of the chunks takes at the pace so far; None until this run has finished one."""
        if not self.done_now:
            return None
        pace = (self.finished - self.began) / self.done_now
        return max(0.0, pace * (self.chunks - self.done) - (self.clock() - self.finished))

    def share(self) -> float:
        """Return how much of the stage is done, from 0 to 1: of a stage without chunks, of the jobs under way."""
        tasks = self.tasks_done / self.tasks if self.tasks else 0.0
        return min(1.0, (self.done + tasks) / self.chunks) if self.chunks else tasks

    def told(self) -> str:
        """Say all that is known in one line, without the name."""
        parts = [f"{self.done:,}/{self.chunks:,} chunks"] if self.chunks else []
        parts += [f"{self.tasks_done:,}/{self.tasks:,} tasks"] if self.tasks else []
        elapsed = self.finished - self.began
        if self.done_now and self.pages and elapsed > 0:
            parts.append(f"{self.pages / elapsed:,.1f} pages/s")
            parts += [f"{self.kept / self.pages:.1%} kept"] if self.kept is not None else []
        left = self.seconds_left()
        parts += [f"{duration(left)} left"] if left is not None and self.done < self.chunks else []
        return ", ".join(parts) or "on the driver"


class Progress:
    """Print what is going on to a console; `quiet` keeps it to results."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=quiet)
        self.now = Counts("")

    def say(self, text: str) -> None:
        """Print one line about the run."""
        self.console.print(text, markup=False)

    @contextmanager
    def stage(self, name: str, *, root: "Root", step: str = "") -> Iterator[Counts]:
        """Name this thread's Spark jobs after a stage, and show how far they are while the stage works. Spark need not have started."""
        root.name_jobs(name, step=step)
        self.now = Counts(name)
        with self._followed(root):
            yield self.now

    @contextmanager
    def _followed(self, root: "Root") -> Iterator[None]:
        if self.quiet:
            yield
        elif self.console.is_terminal:
            columns = (TextColumn("{task.description:<9}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
            with RichProgress(*columns, console=self.console, transient=True) as bar:
                task = bar.add_task(self.now.name, total=1.0, note="")
                with _every(POLL_EVERY_S, lambda: bar.update(task, completed=self._looked(root).share(), note=self.now.told())):
                    yield
        else:
            with _every(LOG_EVERY_S, lambda: self.say(f"{_time()} {self._looked(root).name:<9} {self.now.told()}")):
                yield

    def _looked(self, root: "Root") -> Counts:
        """Ask Spark, if it has started, how many tasks the running jobs have, and how many are done."""
        if root.started is None:
            return self.now
        tracker = root.started.sparkContext.statusTracker()
        total = done = 0
        for job in tracker.getActiveJobsIds():
            info = tracker.getJobInfo(job)
            for number in info.stageIds if info is not None else ():
                stage = tracker.getStageInfo(number)
                total += stage.numTasks if stage is not None else 0
                done += stage.numCompletedTasks if stage is not None else 0
        self.now.tasks, self.now.tasks_done = total, done
        return self.now


def name_jobs(spark: SparkContext, stage: str, *, step: str = "") -> None:
    """Put the Spark jobs that this thread starts from here on into the group of a stage.

    Job groups belong to threads: one that is started inside a stage begins without a group, and names its jobs itself.
    """
    spark.setJobGroup(stage, f"{stage} {step}".strip())


def step_of(folder: str) -> str:
    """Name the step of a stage that writes a folder, for the Spark UI.

    >>> step_of("documents"), step_of("passages/0123abcd/bff/cuts"), step_of("dedup/0123abcd/near=4567/round=002/pairs")
    ('', 'bff: cuts', 'round 2: pairs')
    """
    parts = [part for part in folder.split("/")[2:] if not part.startswith("near=")]
    return ": ".join(f"round {int(part[6:])}" if part.startswith("round=") else part for part in parts)


def duration(seconds: float) -> str:
    """Write a span of time as a person would.

    >>> [duration(s) for s in (4.2, 300, 5400)]
    ['4 s', '5 min', '1.5 h']
    """
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _time() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _every(seconds: float, look: Callable[[], object]) -> Iterator[None]:
    """Call a function time and again, in a thread, until the block ends."""
    stop = threading.Event()

    def follow() -> None:
        while not stop.wait(seconds):
            try:
                look()
            except (Py4JError, OSError):  # Spark is going down; whoever runs the jobs will say so
                return

    thread = threading.Thread(target=follow, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
