"""What a stage does when its Python workers are killed: the work once more, with each piece in a process of its own."""

from collections.abc import Callable
from typing import TypeVar

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException

from jobs.engine.job import Context

T = TypeVar("T")
SIGNS = ("Python worker exited unexpectedly", "ExecutorLostFailure", "Python worker failed")


def isolated_if_killed(context: Context, work: Callable[[bool], T], *, what: str) -> T:
    """Do work(False); if that ends because a Python worker, or the executor with it, was killed, say `what` and do work(True).

    The argument says whether each piece is to be done in a child process, so that one that kills it costs itself alone.
    """
    try:
        return work(False)
    except (Py4JJavaError, PySparkException) as error:
        if not any(sign in str(error) for sign in SIGNS):
            raise
        context.progress.say(f"a Python worker was killed; {what}")
        return work(True)
