"""Remembers which SQL of a recipe Spark has found to fit, so that the same SQL is not asked about again, and Spark not started for it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from jobs.engine.fingerprint import fingerprint, package_versions
from jobs.engine.job import Job

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ASKED = 1  # raised when a stage asks more of an expression than before


@contextmanager
def analysis(job: Job[Any], sql: Sequence[Any], columns: pa.Schema) -> "Iterator[DataFrame | None]":
    """Yield a table of `columns` without rows, on which Spark analyses the SQL; None if it has found the same SQL to fit before.

    The block raises if the SQL does not fit. If it ends, the stage's marker will say what was analysed, once the stage is finished:
    the SQL, the columns, and Spark's version and settings. All of that must be the same for Spark not to be asked.
    """
    from pyspark.sql.pandas.types import from_arrow_schema

    fields = [(field.name, str(field.type)) for field in columns]
    given = os.environ.get("PYSPARK_SUBMIT_ARGS", "")
    key = fingerprint(ASKED, list(sql), fields, package_versions(("pyspark",)), given)
    marker = job.root.markers.stage(job.stage.folder) or {}
    known = marker.get("analysed") == key
    yield None if known else job.root.spark.createDataFrame([], from_arrow_schema(columns))
    job.context.analysed[job.stage.name] = key
