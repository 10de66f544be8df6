"""The log of Spark in local mode: what the JVM and the Python workers print goes to a file, and a terminal shows what happened in a line."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException

from jobs.engine.disk import fault_of
from jobs.engine.errors import GristmillError
from jobs.engine.machine import NoSparkError

LOOK = ("Error", "Exception", "error:")


class SparkFailedError(GristmillError):
    """Say how Spark failed, and where its log is."""

    exit_code = 1


@contextmanager
def spark_log() -> Iterator[Path]:
    """Make a log file for the time of the block; it stays if the block ends by an error of Spark, which then names it."""
    handle, name = tempfile.mkstemp(prefix="gristmill-spark-", suffix=".log")
    os.close(handle)
    log = Path(name)
    try:
        yield log
    except (Py4JError, PySparkException) as error:
        if fault_of(error) is not None:  # the disk: said elsewhere, in its own words
            log.unlink(missing_ok=True)
            raise
        with suppress(OSError), log.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"\n{error}\n")
        raise SparkFailedError(
            f"Spark failed: {gist(error)}. The same command goes on where it stopped. Spark's log: {log}"
        ) from error
    except NoSparkError:  # which names it, if Spark was tried
        if not log.stat().st_size:
            log.unlink()
        raise
    except BaseException:
        log.unlink(missing_ok=True)
        raise
    log.unlink(missing_ok=True)


def gist(error: Exception) -> str:
    """Return what an error of Spark comes down to: the last cause, in one line.

    A failed task's message carries the traceback of its Python worker, whose last line says what was wrong.
    """
    lines = [line.strip() for line in str(error).splitlines() if not line.strip().startswith("at ")] or [""]
    causes = [at for at, line in enumerate(lines) if line.startswith("Caused by: ")]
    told = [at for at, line in enumerate(lines) if any(sign in line for sign in LOOK)]
    chosen = (causes or told or [0])[-1]
    if "Traceback (most recent call last)" in lines[chosen]:
        chosen = [at for at in told if at >= chosen][-1]
    return (lines[chosen] or type(error).__name__).removeprefix("Caused by: ")[:500].rstrip(".")


def last_error(log: Path) -> str:
    """Return the last line of a log that tells of an error, stacks apart, or else its last line."""
    try:
        lines = [line.strip() for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    except OSError:
        return "nothing"
    told = [line for line in lines if not line.startswith("at ") and any(sign in line for sign in (*LOOK, "ERROR"))]
    return (told or lines or ["nothing"])[-1][:500]
