"""Tells which versions of packages a Python worker has: what it computes depends on its own, not on the driver's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import pyarrow as pa

SCHEMA = pa.schema([("package", pa.string()), ("version", pa.string())])


def package_versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the installed versions of packages whose behaviour shows in the output; one that is not there is left out."""
    found: dict[str, str] = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@dataclass(frozen=True)
class WorkerVersions:
    """What Spark's mapInArrow runs: whatever comes in, rows of SCHEMA come out, one for every package that is there."""

    packages: tuple[str, ...]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Import what the stages run, so that what is missing is missed here, and yield the versions."""
        import udfs.documents.worker
        import udfs.signals.annotator  # noqa: F401 (what it imports in turn is asked for)

        for _ in batches:
            rows = [{"package": name, "version": found} for name, found in package_versions(self.packages).items()]
            yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)
