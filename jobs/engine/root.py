"""A run's root folder on any Hadoop path: where each table lies, and the small JSON files that say what is finished."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import DoubleType, LongType, StringType, StructField, StructType

from jobs.engine.connector import check_connector
from jobs.engine.progress import step_of
from udfs.documents.worker import DOCUMENT_FIELDS, FILE_FIELDS
from udfs.signals.annotator import SIGNAL_SCHEMA

MARKER = "_stage.json"  # written last: complete if it is there; the underscore hides it from every Parquet reader

# where a record lies; by chunk first, so that what a later chunk brings never displaces finished work
PLACE = ("chunk", "file_path", "offset", "nth")
DOCUMENTS = from_arrow_schema(DOCUMENT_FIELDS)
FILES = StructType().add("file", from_arrow_schema(FILE_FIELDS))
DEDUPED = StructType(
    [
        StructField("id", StringType()),
        StructField("outcome", StringType()),
        StructField("reason", StringType()),
        StructField("duplicate_of", StringType()),
        StructField("similarity", DoubleType()),
        StructField("duplicate_dump", StringType()),
        StructField("group_id", StringType()),
        StructField("group_size", LongType()),
    ]
)
SIGNALS = from_arrow_schema(SIGNAL_SCHEMA)


@dataclass(frozen=True)
class Root:
    """Name the tables of one run and read them, leaving out what must not count twice.

    Raises RecipeError for a path on a store that this Spark has no connector for.
    """

    spark: SparkSession
    path: str

    def __post_init__(self) -> None:
        if "://" in self.path:
            check_connector(self.spark, self.path)

    def at(self, *parts: str) -> str:
        """Return the full path of something below the root."""
        return "/".join((self.path.rstrip("/"), *parts))

    # --- small files, through Hadoop's own file system, so that every path Spark can write works here too ---

    def _file(self, relative: str) -> tuple[Any, Any]:
        jvm: Any = self.spark.sparkContext._jvm
        jsc: Any = self.spark.sparkContext._jsc
        path = jvm.org.apache.hadoop.fs.Path(self.at(relative) if relative else self.path)
        system = path.getFileSystem(jsc.hadoopConfiguration())
        system.setWriteChecksum(False)  # no .crc beside a file that people edit or copy
        system.setVerifyChecksum(False)
        return system, path

    def qualified(self) -> str:
        """Return the root's path with its file system, which says the same from any working directory."""
        system, path = self._file("")
        return str(system.makeQualified(path).toString())

    def exists(self, relative: str) -> bool:
        """Tell whether a file or folder is there."""
        system, path = self._file(relative)
        return bool(system.exists(path))

    def names(self, relative: str) -> list[str]:
        """List a folder's entries by name, sorted; an absent folder has none."""
        system, path = self._file(relative)
        if not system.exists(path):
            return []
        return sorted(str(status.getPath().getName()) for status in system.listStatus(path))

    def delete(self, relative: str) -> None:
        """Delete a file or a whole folder, if it is there."""
        system, path = self._file(relative)
        system.delete(path, True)

    def write_text(self, relative: str, text: str) -> str:
        """Write a small file whole and return its path."""
        system, path = self._file(relative)
        stream = system.create(path, True)
        try:
            stream.write(bytearray(text.encode("utf-8")))
        finally:
            stream.close()
        return self.at(relative)

    def write_json(self, relative: str, value: dict[str, Any]) -> None:
        """Write a small JSON file whole."""
        self.write_text(relative, json.dumps(value, indent=1, sort_keys=True, default=str) + "\n")

    def read_json(self, relative: str) -> dict[str, Any] | None:
        """Read a small JSON file; one that is absent, or was cut off by a kill, is None: not finished."""
        system, path = self._file(relative)
        if not system.exists(path):
            return None
        jvm: Any = self.spark.sparkContext._jvm
        stream = system.open(path)
        try:
            text = str(jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
        finally:
            stream.close()
        try:
            value = json.loads(text)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    # --- markers ---

    def marker(self, stage: str) -> dict[str, Any] | None:
        """Return what a finished stage wrote last, else None."""
        return self.read_json(f"{stage}/{MARKER}")

    def chunk_marker(self, stage: str, chunk: str) -> dict[str, Any] | None:
        """Return what a finished chunk of a stage wrote last, else None."""
        return self.read_json(f"{stage}/_chunks/{chunk}.json")

    def chunks(self) -> list[str]:
        """List the chunks of the plan, by name."""
        return [name.removesuffix(".json") for name in self.names("plan") if name.removesuffix(".json").isdigit()]

    # --- tables ---

    def table(self, relative: str) -> DataFrame:
        """Read one Parquet table below the root."""
        return self.spark.read.parquet(self.at(relative))

    def save(self, rows: DataFrame, relative: str) -> DataFrame:
        """Write a table below the root, whole, and return it as read back: what follows rests on what is written."""
        self.spark.sparkContext.setJobDescription(f"{relative.partition('/')[0]} {step_of(relative)}")  # for Spark's UI
        rows.write.mode("overwrite").parquet(self.at(relative))
        return self.spark.read.schema(rows.schema).parquet(self.at(relative))

    def files(self) -> DataFrame:
        """Read the rows of input files, one for each file or range and chunk."""
        rows = self._extracted("file")
        return rows.select("chunk", F.col("file").dropFields("chunk").alias("file")).select("chunk", "file.*")

    def documents(self, chunk: str | Sequence[str] | None = None) -> DataFrame:
        """Read the documents, of one chunk, of some or of all, without those of files that failed and without repeated ids.

        A file that failed midway is read again whole in a later chunk, so what it gave the first time does not count. Two records
        may carry one id (a file given twice under two names, a broken crawler): the first by chunk, file and offset stands for it,
        and `repeated()` lists the rest.
        """
        rows = self._good(chunk)
        if not self.exists("repeated"):
            return rows
        return rows.join(self.table("repeated"), on=["id", *PLACE], how="left_anti")

    def repeated(self) -> DataFrame:
        """Compute which records carry an id that an earlier record already has."""
        rows = self._good(None).select("id", *PLACE)
        first = F.min(F.struct(*PLACE)).alias("first")
        again = rows.groupBy("id").agg(F.count("*").alias("n"), first).where("n > 1").select("id", "first")
        return rows.join(again, on="id", how="inner").where(F.struct(*PLACE) > F.col("first")).select("id", *PLACE)

    def signals(self, chunk: str | Sequence[str] | None = None) -> DataFrame:
        """Read the signals, of one chunk, of some or of all."""
        folders = [f"signals/chunk={c}" for c in self._chosen(chunk)]
        return self._read(folders, base="signals", schema=SIGNALS)

    def deduped(self, chunk: str | None = None) -> DataFrame:
        """Read dedup's decisions, of one chunk or of all; a run that kept nothing has none."""
        names = [f"chunk={chunk}"] if chunk is not None else self.names("decisions/dedup")
        folders = [f"decisions/dedup/{name}" for name in names if name.startswith("chunk=")]
        return self._read(folders, base="decisions/dedup", schema=DEDUPED)

    def _chosen(self, chunk: str | Sequence[str] | None) -> Sequence[str]:
        if chunk is None:
            return self.chunks()
        return [chunk] if isinstance(chunk, str) else chunk

    def _extracted(self, kind: str, chunk: str | Sequence[str] | None = None) -> DataFrame:
        folders = [f"documents/chunk={c}/kind={kind}" for c in self._chosen(chunk)]
        return self._read(folders, base="documents", schema=DOCUMENTS if kind == "document" else FILES)

    def _read(self, folders: list[str], *, base: str, schema: StructType) -> DataFrame:
        """Read folders of one table, with a schema that is known: a chunk without a single row is a table too."""
        there = [self.at(folder) for folder in folders if self.exists(folder)]
        if not there:
            return self.spark.createDataFrame([], StructType([*schema.fields, StructField("chunk", StringType())]))
        return self.spark.read.schema(schema).option("basePath", self.at(base)).parquet(*there)

    def _good(self, chunk: str | Sequence[str] | None) -> DataFrame:
        rows = self._extracted("document", chunk).drop("kind")
        failed = self.failed_files(self._chosen(chunk))
        if not failed:
            return rows
        bad = self.spark.createDataFrame(failed, "chunk string, file_path string")
        return rows.join(F.broadcast(bad), on=["chunk", "file_path"], how="left_anti")

    def failed_files(self, chunks: Sequence[str]) -> list[tuple[str, str]]:
        """List (chunk, file) of every file of these chunks that could not be read to its end, from the chunks' markers."""
        found: list[tuple[str, str]] = []
        for chunk in chunks:
            marker = self.chunk_marker("documents", chunk) or {}
            found += [(chunk, path) for path in marker.get("failed_files", ())]
        return found

    def still_failed(self) -> list[tuple[str, str]]:
        """List the (chunk, file) that failed and that no later chunk has read."""
        failed = self.failed_files(self.chunks())
        bad = set(failed)
        read = {
            row["file_path"]
            for chunk in self.chunks()
            for row in (self.read_json(f"plan/{chunk}.json") or {"files": []})["files"]
            if (chunk, row["file_path"]) not in bad and self.chunk_marker("documents", chunk) is not None
        }
        latest = {path: chunk for chunk, path in failed if path not in read}
        return [(chunk, path) for path, chunk in sorted(latest.items())]
