"""Read: the rows of a corpus become documents, so that every later stage works on it as on a crawl."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.job import Job
from jobs.engine.ledger import Ledger
from jobs.engine.source import readers, run_source
from jobs.read.settings import Read
from udfs.corpus.worker import RECORD, read_files
from udfs.documents.file_row import FileRange
from udfs.documents.schema import ROW_SCHEMA

CAPTURES = f"coalesce(records['{RECORD}'], 0L)"


def decides(job: Job[Read]) -> Any:
    """Return what decides a chunk's documents: the columns, the bound of a row, and the name of the dump."""
    return [job.settings.model_dump(mode="json"), job.recipe.run.dump]


def run(job: Job[Read]) -> Ledger:
    """Read every unfinished chunk, and prove that no row is missing."""

    def read(chunk: str, files: tuple[FileRange, ...], isolate: bool) -> DataFrame:
        worker = read_files(
            files,
            job.recipe.run.dump,
            job.settings.columns(),
            max_row_bytes=job.settings.max_row_mb << 20,
            isolate=isolate,
        )
        _, most = readers(job.recipe.run)
        work = job.root.spark.range(0, len(files), 1, min(most, len(files)))
        return work.mapInArrow(worker, from_arrow_schema(ROW_SCHEMA))

    return run_source(job, read=read)
