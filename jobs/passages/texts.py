"""What every way of finding duplicate parts shares: the documents in their order, their texts as earlier edits leave them, passes over chunks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from jobs.engine.chunks import run_chunks
from jobs.engine.facts_of_texts import most_rows, with_facts
from jobs.engine.job import Job
from jobs.engine.literal_paths import literal
from jobs.engine.numbering import numbered, write_numbered
from jobs.engine.root import Root
from jobs.engine.tables import Table
from jobs.passages.settings import Passages
from udfs.edits.edited_batches import CUT_SCHEMA, Cuts
from udfs.similarity.shingles import LINE_EDITS

FEW_CHUNKS = 16  # of which each reads a table of all, which costs less than to write it again
Mapper = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Work:
    """Name the folder of one way of finding parts, and the ways before it, whose cuts it no longer sees."""

    job: Job[Passages]
    folder: str  # passages/<fingerprint>
    fingerprint: str
    name: str
    before: tuple[str, ...]

    @property
    def root(self) -> Root:
        """Return the run's root."""
        return self.job.root

    def at(self, *parts: str) -> str:
        """Return the path of something of this way, below the root."""
        return "/".join((self.folder, self.name, *parts))


def write_order(job: Job[Passages], folder: str) -> None:
    """Write id and chunk of the documents that are kept so far, numbered by hash of id.

    So the order is the same whatever order the files came in, and says nothing of the documents. Of many chunks the numbers are also
    written by chunk, since each chunk asks for its own.
    """
    write_numbered(job.root, folder, ordered=job.kept().orderBy(F.xxhash64("id"), "id"))
    if len(job.chunks()) > FEW_CHUNKS:
        by_chunk(job.root, _numbers(folder), lambda: numbered(job.root, folder).select("id", "nr", "chunk"))


def _numbers(folder: str) -> Table:
    return Table(f"{folder}/numbers", pa.schema([("id", pa.string()), ("nr", pa.int64())]))


def by_chunk(root: Root, table: Table, rows: Callable[[], DataFrame]) -> None:
    """Write a table by chunk, unless it is finished."""
    if root.read_json(f"{table.path}.json") is None:
        root.write(rows(), table)
        root.write_json(f"{table.path}.json", {"finished": True})


def by_chunk_of(work: Work, name: str, rows: DataFrame) -> Callable[[str], DataFrame]:
    """Return a function that reads one chunk's rows of a table with a column `chunk`, without it.

    Of many chunks each would read the table of all, so it is written by chunk first.
    """
    if len(work.job.chunks()) <= FEW_CHUNKS:
        return lambda chunk: rows.where(F.col("chunk") == chunk).drop("chunk")
    table = Table(work.at(f"{name}_by_chunk"), to_arrow_schema(rows.drop("chunk").schema))
    by_chunk(work.root, table, lambda: rows)
    return lambda chunk: work.root.read(table, chunk).drop("chunk")


def edited_texts(work: Work, chunk: str, *, needed: DataFrame | None = None) -> DataFrame:
    """Return id, nr, text, layers (the line edits, then the cuts of each way before) of a chunk's documents that are still there.

    `needed` keeps only the documents whose nr it has, and adds its columns. The text is not moved (law 6), unless the chunk has more
    documents than a driver should hold the edits of.
    """
    root = work.root
    if len(work.job.chunks()) > FEW_CHUNKS:
        rows = root.read(_numbers(work.folder), chunk).select("id", "nr")
    else:
        rows = numbered(root, work.folder).where(F.col("chunk") == chunk).select("id", "nr")
    if needed is not None:
        rows = rows.join(needed, on="nr", how="inner")
    lines = F.filter("edits", lambda edit: edit["kind"].isin(*LINE_EDITS)).alias("lines")
    rows = rows.join(work.job.signals("edits", chunk=chunk).select("id", lines), on="id", how="inner")
    for place, name in enumerate(work.before):
        cuts = read(root, f"{work.folder}/{name}/cuts/chunk={chunk}", CUT_SCHEMA)
        cuts = cuts.select("id", F.col("edits").alias(f"layer_{place}"), F.col("reason").alias(f"reason_{place}"))
        rows = rows.join(cuts, on="id", how="left").where(F.col(f"reason_{place}").isNull()).drop(f"reason_{place}")
    layers: list[Column | str] = ["lines", *(f"layer_{place}" for place in range(len(work.before)))]
    rows = rows.withColumn("layers", F.array(*layers)).drop(*layers)
    return with_facts(work.job.documents(chunk).select("id", "text"), rows, rows=most_rows(root, chunk))


def each_chunk(work: Work, name: str, rows: Callable[[str], DataFrame]) -> None:
    """Write a table chunk by chunk, those that are not finished."""
    root, job = work.root, work.job

    def write(chunk: str) -> dict[str, Any]:
        rows(chunk).write.mode("overwrite").parquet(root.at(work.at(name), f"chunk={chunk}"))
        return {}

    run_chunks(
        job.context,
        folder=work.at(name),
        fingerprints=dict.fromkeys(job.chunks(), work.fingerprint),
        work=write,
        at_once=job.recipe.run.chunks_at_once,
    )


def measure(work: Work, name: str, measured: Mapper, schema: pa.Schema) -> DataFrame:
    """Write what the function makes of every document's text, chunk by chunk, and return it as read back."""
    each_chunk(work, name, lambda chunk: edited_texts(work, chunk).mapInArrow(measured, from_arrow_schema(schema)))
    return read(work.root, work.at(name), schema)


def cut(work: Work, marks: DataFrame, *, cutter: Cuts) -> None:
    """Write the edits of the documents that `marks` names: nr, chunk, marks (numbers of parts), reason (of those that go whole)."""
    marked = by_chunk_of(work, "marks", marks.select("nr", "chunk", "marks", "reason"))

    def rows(chunk: str) -> DataFrame:
        needed = marked(chunk)
        return edited_texts(work, chunk, needed=needed).mapInArrow(cutter, from_arrow_schema(CUT_SCHEMA))

    each_chunk(work, "cuts", rows)


def errors(keys: DataFrame) -> DataFrame:
    """Return nr and error of the documents of a measured table that could not be measured."""
    return keys.where("error IS NOT NULL").select("nr", "error")


def once(work: Work, name: str, rows: Callable[[], DataFrame]) -> DataFrame:
    """Write a table whole, unless it is finished, and return it as read back."""
    return work.root.once(work.at(name), rows)


def with_chunk(work: Work, rows: DataFrame) -> DataFrame:
    """Add the chunk to rows that name documents by number."""
    return rows.join(numbered(work.root, work.folder).select("nr", "chunk"), on="nr", how="inner")


def read(root: Root, relative: str, schema: pa.Schema) -> DataFrame:
    """Read a table, of all chunks or of one, by the schema that it was written with."""
    return literal(root.spark).schema(from_arrow_schema(schema)).parquet(root.at(relative)).select(*schema.names)
