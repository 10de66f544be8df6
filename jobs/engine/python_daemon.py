"""The process that forks Spark's Python workers in local mode: what Spark's own does, with a path without archives.

Spark puts its zip of PySpark and a jar of its own on the workers' path. Before each task a worker forgets what it knows of the path.
Python 3.11 then reads the list of files of every archive anew: 60 ms of CPU a task, more than most tasks of a small run take.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path

ARCHIVES = (".zip", ".jar")


def without_archives(path: Sequence[str], *, spark_home: str) -> list[str]:
    """Return the path without archives if the PySpark of `spark_home` is found there too; else the path as it is."""
    folders = [entry for entry in path if not entry.endswith(ARCHIVES)]
    found = PathFinder.find_spec("pyspark", folders)
    same = found is not None and found.origin is not None and Path(found.origin).parent.resolve() == Path(spark_home).resolve()
    return folders if same else list(path)


def forget_archives() -> None:
    """Take the archives off this process's path, and out of what Python remembers of them."""
    sys.path[:] = without_archives(sys.path, spark_home=os.environ.get("SPARK_HOME", ""))
    for entry in [entry for entry in sys.path_importer_cache if entry.endswith(ARCHIVES) and entry not in sys.path]:
        del sys.path_importer_cache[entry]


if __name__ == "__main__":
    forget_archives()
    import pandas  # noqa: F401 (a worker is a fork, and has from its start what every worker imports)
    import pyarrow  # noqa: F401
    from pyspark.daemon import manager

    manager()  # type: ignore[no-untyped-call]
