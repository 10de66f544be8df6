"""The small files of a root, on whatever store it lies: markers, plans, reports. Tables are Spark's.

A local root is read by Python itself, so that commands which look at small files start no JVM. A root on S3 is asked by boto3, whose
conditional writes let one run in and keep another out; any other store is asked through Hadoop's file systems.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from jobs.engine.local_store import LocalStore
from jobs.engine.s3_store import S3Store, settings_of
from udfs.reading.http_s3 import S3

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AT_ONCE = 32  # requests that a listing's files are read by


class Store(Protocol):
    """What the engine asks of a store; every path is relative to the root, and each method is one request unless it says more."""

    def names(self, folder: str) -> list[str]:
        """List a folder's entries by name, sorted; an absent folder has none."""

    def read(self, path: str) -> str | None:
        """Return a small file's text; None if it is not there."""

    def write(self, path: str, text: str) -> None:
        """Write a small file whole."""

    def create(self, path: str, text: str) -> bool:
        """Write a small file that must not be there yet; return False, and write nothing, if it is."""

    def delete(self, path: str) -> None:
        """Delete a file or a whole folder, if it is there; a request for every thousand files on S3."""

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""


def needs_spark(path: str) -> bool:
    """Tell whether the small files of a root can be had through Spark alone: those on neither this disk nor S3."""
    return "://" in path and not path.startswith((*S3, "file://"))


def store_of(path: str, spark: "SparkSession | None" = None) -> Store:
    """Return the store of a root. Only a path that is neither local nor on S3 needs Spark, for Hadoop's connectors."""
    if path.startswith(S3):
        return S3Store(path, **settings_of(spark))
    if not needs_spark(path):
        return LocalStore(path)
    if spark is None:
        raise ValueError(f"{path}: without Spark only local and S3 roots can be read")
    from jobs.engine.hadoop_store import HadoopStore

    return HadoopStore(path, spark)


def read_all(store: Store, paths: list[str]) -> dict[str, str | None]:
    """Read many small files, AT_ONCE at a time."""
    if not paths:
        return {}
    with ThreadPoolExecutor(min(AT_ONCE, len(paths))) as pool:
        return dict(zip(paths, pool.map(store.read, paths), strict=True))


def delete_all(store: Store, paths: Iterable[str]) -> None:
    """Delete many files or folders, AT_ONCE at a time."""
    paths = list(paths)
    if paths:
        with ThreadPoolExecutor(min(AT_ONCE, len(paths))) as pool:
            list(pool.map(store.delete, paths))
