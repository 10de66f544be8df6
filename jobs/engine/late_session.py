"""A Spark session that starts when it is first asked for: a run in which all is finished asks for none, and starts no JVM."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession


class LateSession:
    """Start Spark at most once. What is to be done with the session as soon as it is there can be said before."""

    def __init__(self, start: "Callable[[], SparkSession]") -> None:
        self._start = start
        self._waiting: list[Callable[[SparkSession], None]] = []
        self._group: tuple[str, str] | None = None
        self.started: SparkSession | None = None

    def session(self) -> "SparkSession":
        """Return the session, and start it if that has not been done."""
        if self.started is None:
            self.started = self._start()
            if self._group is not None:
                _name_jobs(self.started.sparkContext, *self._group)
            for work in self._waiting:
                work(self.started)
        return self.started

    def when_started(self, work: "Callable[[SparkSession], None]") -> None:
        """Do something with the session: now if it is there, else as soon as it is."""
        if self.started is not None:
            work(self.started)
        else:
            self._waiting.append(work)

    def name_jobs(self, stage: str, step: str) -> None:
        """Put the Spark jobs that this thread starts from here on into the group of a stage."""
        self._group = stage, step
        if self.started is not None:
            _name_jobs(self.started.sparkContext, stage, step)


def there(spark: "SparkSession") -> LateSession:
    """Return a session that is there as one that has started."""
    late = LateSession(lambda: spark)
    late.session()
    return late


def _name_jobs(spark: "SparkContext", stage: str, step: str) -> None:
    from jobs.engine.progress import name_jobs

    name_jobs(spark, stage, step=step)
