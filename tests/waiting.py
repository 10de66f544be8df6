"""Wait for what happens, not for time to pass: conditions that are looked at, and tasks that stand still until a test lets them go on."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = TypeVar("T")
PATIENCE_S = 600.0  # what takes longer is broken, on the slowest and busiest machine
LOOK_EVERY_S = 0.02


def wait_for(look: Callable[[], T], *, seconds: float = PATIENCE_S) -> T:
    """Look every 20 ms until something is there; return what was seen last."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
    return seen


class Held:
    """The tasks of one Spark job: each says that it has begun, and waits until it is let go."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self.given_up = False

    def run(self, spark: "SparkSession", *, tasks: int) -> None:
        """Run the job to its end; another thread lets its tasks go."""
        folder = str(self._folder)

        def work(batches: Iterable[Any]) -> Iterable[Any]:
            import time
            from pathlib import Path

            for batch in batches:
                number = batch.column(0)[0].as_py()
                Path(folder, f"begun-{number}").touch()
                while not (Path(folder, f"go-{number}").exists() or Path(folder, "go").exists()):
                    time.sleep(0.02)
                yield batch

        spark.range(0, tasks, 1, tasks).mapInArrow(work, "id long").write.format("noop").mode("overwrite").save()

    def begun(self) -> list[int]:
        """List the tasks that have begun."""
        return sorted(int(path.name.partition("-")[2]) for path in self._folder.glob("begun-*"))

    def let_go(self, number: int | None = None) -> None:
        """Let one task go on, or all of them."""
        (self._folder / ("go" if number is None else f"go-{number}")).touch()

    def _give_up(self) -> None:
        self.given_up = True
        self.let_go()


@contextmanager
def held(folder: Path) -> Iterator[Held]:
    """Give tasks that wait; on leaving, and when patience ends, all are let go, so that a failed test blocks no other."""
    tasks = Held(folder)
    timer = Timer(PATIENCE_S, tasks._give_up)
    timer.start()
    try:
        yield tasks
    finally:
        timer.cancel()
        tasks.let_go()
