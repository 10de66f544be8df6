"""The process that forks Spark's Python workers in local mode: what Spark's own does, with a path without Spark's archives.

Spark puts its zip of PySpark and a jar of its own on the workers' path. Before each task a worker forgets what it knows of the path.
Python 3.11 then reads the list of files of every archive anew: 60 ms of CPU a task, more than most tasks of a small run take.
"""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path

ARCHIVES = (".zip", ".jar")


def without_archives(path: Sequence[str], *, spark_home: str) -> list[str]:
    """Return the path without Spark's archives if Spark's own PySpark is found in a folder too; else the path as it is."""
    home = Path(spark_home).resolve()
    others = [entry for entry in path if not (entry.endswith(ARCHIVES) and Path(entry).resolve().is_relative_to(home))]
    found = PathFinder.find_spec("pyspark", others)
    same = found is not None and found.origin is not None and Path(found.origin).resolve().parent == home
    return others if same else list(path)


def forget_archives() -> None:
    """Take Spark's archives off this process's path, and out of what Python remembers of it."""
    before = list(sys.path)
    sys.path[:] = without_archives(before, spark_home=os.environ.get("SPARK_HOME", ""))
    for entry in {*before} - {*sys.path}:
        sys.path_importer_cache.pop(entry, None)


if __name__ == "__main__":
    forget_archives()
    with suppress(ImportError):  # the worker's own message says what is missing
        import pandas  # noqa: F401 (a worker is a fork, and has from its start what every worker imports)
        import pyarrow  # noqa: F401
    from pyspark.daemon import manager

    gc.freeze()  # a worker collects garbage after each task, and need not look through what it was forked with: 20 ms of CPU
    manager()  # type: ignore[no-untyped-call]
