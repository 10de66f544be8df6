"""Asks a Python worker, before any work, whether it can do the work and has the driver's packages, which the fingerprints name."""

from collections.abc import Iterable

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.errors import RefusedError
from udfs.models.worker_versions import SCHEMA, WorkerVersions, package_versions

HOW = (
    "Give spark-submit the environment archive: --archives gristmill-env-….tar.gz#environment --conf "
    "spark.pyspark.python=./environment/bin/python, and start the driver by the same one (docs/clusters.md)"
)


class WorkerError(RefusedError):
    """Say that the executors' Python is not what the driver's is."""


def check_workers(spark: SparkSession, packages: Iterable[str]) -> None:
    """Raise WorkerError unless an executor's Python starts, has what the stages import, and the driver's versions of `packages`."""
    asked = tuple(package for package in packages if package != "pyspark")  # a cluster's own has no version to ask for
    ours = package_versions(asked)
    try:
        rows = spark.range(0, 1, 1, 1).mapInArrow(WorkerVersions(asked), from_arrow_schema(SCHEMA)).collect()
    except (PySparkException, Py4JJavaError) as error:
        said = (line.strip() for line in str(error).splitlines())
        lines = [
            line
            for line in said
            if ("Error" in line or "Exception" in line) and not line.startswith("at ") and "EOFException" not in line
        ]
        why = lines[-1] if lines else str(error)[:500]
        raise WorkerError(f"no Python worker could be started on an executor ({why}), so nothing was run. {HOW}") from None
    theirs = {str(row["package"]): str(row["version"]) for row in rows}
    differing = [
        f"{name} {theirs.get(name, 'missing')} there, {ours.get(name, 'missing')} here"
        for name in asked
        if theirs.get(name) != ours.get(name)
    ]
    if differing:
        raise WorkerError(
            f"the executors' packages are not the driver's ({'; '.join(differing)}): what they write would be filed under versions that "
            f"did not make it, so nothing was run. {HOW}"
        )
