"""A run's root folder: its tables by Spark, its small files by a store, its markers in memory."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jobs.engine.late_session import LateSession, there
from jobs.engine.literal_paths import literal
from jobs.engine.markers import Markers, read_json, write_json
from jobs.engine.small_table import small_table
from jobs.engine.store import Store, delete_all, store_of
from jobs.engine.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

NO_FILE = ("PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA")  # what Spark says of a folder that is absent, or has no Parquet file


class Root:
    """Name the files and tables below one folder and read them.

    Without Spark only small files can be read, of a local root or of one on S3. Raises RecipeError for a path on a store that this
    Spark has no connector for. A session that is to start later starts at once for such a path, since its store is read through it.
    """

    def __init__(self, spark: "SparkSession | LateSession | None", path: str) -> None:
        self.path = path.rstrip("/") or path
        self.session = spark if spark is None or isinstance(spark, LateSession) else there(spark)
        if self.session is not None and "://" in path:
            from jobs.engine.connector import check_connector

            check_connector(self.session.session(), path)
        self.store: Store = store_of(self.path, self.started)
        self.markers = Markers(self.store)
        self._folders: dict[str, list[str]] = {}

    @property
    def spark(self) -> "SparkSession":
        """Return the session, which starts if it has not; asking for it without one is a bug."""
        assert self.session is not None, "this root was opened for its small files alone"
        return self.session.session()

    @property
    def started(self) -> "SparkSession | None":
        """Return the session if it has started."""
        return None if self.session is None else self.session.started

    def when_started(self, work: "Callable[[SparkSession], None]") -> None:
        """Do something with the session, if there is to be one: now if it has started, else as soon as it has."""
        if self.session is not None:
            self.session.when_started(work)

    def name_jobs(self, stage: str, *, step: str = "") -> None:
        """Put the Spark jobs that this thread starts from here on into the group of a stage, whether Spark has started or will."""
        if self.session is not None:
            self.session.name_jobs(stage, step)

    def at(self, *parts: str) -> str:
        """Return the full path of something below the root."""
        return "/".join((self.path, *parts))

    @cached_property
    def qualified(self) -> str:
        """Return the root's path with its file system, which says the same from any working directory."""
        jvm: Any = self.spark.sparkContext._jvm
        jsc: Any = self.spark.sparkContext._jsc
        path = jvm.org.apache.hadoop.fs.Path(self.path)
        return str(path.getFileSystem(jsc.hadoopConfiguration()).makeQualified(path).toString())

    # --- small files ---

    def exists(self, relative: str) -> bool:
        """Tell whether a file or folder is there."""
        return self.store.exists(relative)

    def names(self, relative: str) -> list[str]:
        """List a folder's entries by name, sorted; an absent folder has none."""
        return self.store.names(relative)

    def delete(self, relative: str) -> None:
        """Delete a file or a whole folder, if it is there."""
        self.store.delete(relative)
        self._folders.pop(relative, None)

    def delete_all_but(self, folder: str, kept: Collection[str | None]) -> None:
        """Delete what lies in a folder, except for what is named."""
        self.delete_all(f"{folder}/{name}" for name in self.names(folder) if name not in kept)

    def delete_all(self, paths: Iterable[str]) -> None:
        """Delete files or whole folders, those that are there, many at a time."""
        paths = list(paths)
        delete_all(self.store, paths)
        for path in paths:
            self._folders.pop(path, None)

    def write_text(self, relative: str, text: str) -> str:
        """Write a small file whole and return its path."""
        self.store.write(relative, text)
        return self.at(relative)

    def write_json(self, relative: str, value: dict[str, Any]) -> None:
        """Write a small JSON file whole."""
        write_json(self.store, relative, value)

    def read_json(self, relative: str) -> dict[str, Any] | None:
        """Read a small JSON file; one that is absent, or was cut off by a kill, is None: not finished."""
        return read_json(self.store, relative)

    # --- tables ---

    def table(self, relative: str, schema: "StructType | None" = None) -> "DataFrame":
        """Read one Parquet folder below the root; where its schema is known, no job asks a file for it."""
        reader = literal(self.spark)
        return (reader if schema is None else reader.schema(schema)).parquet(self.at(relative))

    def product(self, relative: str) -> "DataFrame | None":
        """Read one Parquet folder below the root; None if no file is in it. Folders that lost their files stay on a disk."""
        from pyspark.errors import AnalysisException

        try:
            return self.table(relative)
        except AnalysisException as error:
            if error.getCondition() in NO_FILE:
                return None
            raise

    def save(self, rows: "DataFrame", relative: str) -> "DataFrame":
        """Write a table below the root, whole, and return it as read back: what follows rests on what is written."""
        from jobs.engine.progress import step_of

        self.spark.sparkContext.setJobDescription(f"{relative.partition('/')[0]} {step_of(relative)}")  # for Spark's UI
        rows.write.mode("overwrite").parquet(self.at(relative))
        return self.table(relative, rows.schema)

    def once(self, relative: str, rows: "Callable[[], DataFrame]") -> "DataFrame":
        """Write a table of a stage's scratch folder whole, unless it is finished, and return it as read back.

        The marker of a finished table has its schema, so that a run which goes on asks no file for it by a job.
        """
        from pyspark.sql.types import StructType

        marker = self.read_json(f"{relative}.json") or {}
        if "schema" in marker:
            return self.table(relative, StructType.fromJson(marker["schema"]))
        written = self.save(rows(), relative)
        self.write_json(f"{relative}.json", {"schema": written.schema.jsonValue()})
        return written

    def read(self, table: Table, chunks: str | Iterable[str] | None = None) -> "DataFrame":
        """Read a table, of one chunk, of some or of all; a chunk without rows has none, and so has a table that is not there.

        The folders of a table that is cut by chunk are listed once, and again when it was written.
        """
        if not table.by_chunk:
            folders = [table.path] if self.exists(table.path) else []
            return self.folders(folders, schema=table.types)
        names = self._folders.get(table.path)
        if names is None:
            names = [name for name in self.names(table.path) if name.startswith("chunk=")]
            self._folders[table.path] = names
        wanted = None if chunks is None else {f"chunk={chunk}" for chunk in ([chunks] if isinstance(chunks, str) else chunks)}
        chosen = [f"{table.path}/{name}" for name in names if wanted is None or name in wanted]
        return self.folders(chosen, schema=table.types, base=table.path)

    def write(self, rows: "DataFrame", table: Table, *, gather: bool = True) -> "DataFrame":
        """Write a table whole, by chunk if it is cut so, and return it as read back.

        `gather` brings the rows of a chunk together first; rows that were read by chunk lie together already.
        """
        rows = rows.repartition("chunk") if table.by_chunk and gather else rows
        writer = rows.write.mode("overwrite")
        (writer.partitionBy("chunk") if table.by_chunk else writer).parquet(self.at(table.path))
        self._folders.pop(table.path, None)
        return self.read(table)

    def folders(self, folders: Sequence[str], *, schema: "StructType", base: str | None = None) -> "DataFrame":
        """Read folders that are there, with a schema that is known; with a base, their partitions below it are columns."""
        from pyspark.sql.types import StringType, StructField, StructType

        if not folders:
            partitions = [StructField("chunk", StringType())] if base is not None else []
            return small_table(self.spark, [], StructType([*schema.fields, *partitions]))
        reader = literal(self.spark).schema(schema)
        if base is not None:
            reader = reader.option("basePath", self.at(base))
        return reader.parquet(*[self.at(folder) for folder in folders])

    def has(self, table: Table) -> bool:
        """Tell whether a stage has written a table; a table without a single row is one."""
        return self.exists(table.path)
