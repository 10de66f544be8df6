"""Megadocs: each page and the texts that a model wrote of it become one long document, or a reason.

One job weaves all chunks: it shuffles the texts once, by page, and holds those of one page at a time. So a run that is killed while it
weaves weaves again. The law of weave is proved over what was written: every page and every text stands in one document, or in a row
that says why it does not.
"""

import time
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from jobs.engine import documents
from jobs.engine.errors import RecipeError
from jobs.engine.job import Job
from jobs.engine.laws import weave
from jobs.engine.ledger import Ledger, Tally, ledger
from jobs.engine.root import Root
from jobs.megadocs.inputs import pages, texts
from jobs.megadocs.settings import Megadocs
from udfs.documents.schema import FILE_FIELDS
from udfs.megadocs.worker import ROWS, weave_pieces

TASKS_OF_CHUNK = 8  # so many tasks, and so many files, share the pages of a chunk
SHOWN = 3
FOLDER = documents.DOCUMENTS.path


def decides(job: Job[Megadocs]) -> Any:
    """Return what decides the documents; of which inputs they are made, the plan says."""
    return [job.settings.model_dump(mode="json", exclude={"synthetic", "chunk_pages"}), job.recipe.run.dump]


def run(job: Job[Megadocs]) -> Ledger:
    """Weave every chunk, and prove that each page and each text has its place or its reason, once."""
    root, plan, pieces = job.root, documents.planned(job.root), _pieces(job)
    _forget(root, keep=plan)
    if documents.pending(root, job.how()):
        _check_ids(pieces)
        _write(job, _weave(pieces, job, list(plan)), plan)
    documents.write_duplicate_ids(root)
    return _ledger(job, pieces)


def _pieces(job: Job[Megadocs]) -> DataFrame:
    spark, run = job.root.spark, job.recipe.run
    return pages(spark, run.input, dump=run.dump).unionByName(texts(spark, job.settings))


def _forget(root: Root, *, keep: dict[str, Any]) -> None:
    """Take away the chunks of inputs that have changed since."""
    gone = [chunk for chunk in documents.finished(root) if chunk not in keep]
    root.markers.forget_chunks(FOLDER, gone)
    for chunk in gone:
        root.delete(f"{FOLDER}/chunk={chunk}")


def _check_ids(pieces: DataFrame) -> None:
    """Raise RecipeError if two pieces have one id: no parent could name one of them."""
    twice = pieces.groupBy("id").agg(F.count("*").alias("n")).where("n > 1").orderBy("id")
    found = twice.limit(SHOWN).collect()
    if found:
        raise RecipeError(
            f"{twice.count():,} id(s) stand more than once among the pages and texts, such as {', '.join(str(row['id']) for row in found)}: "
            f"a parent must name one document, so nothing was woven. Is a corpus named twice, as a page's or a text's?"
        )


def _weave(pieces: DataFrame, job: Job[Megadocs], chunks: list[str]) -> DataFrame:
    """Bring a page and its texts together, the page first, and weave them."""
    of = F.coalesce("page_id", "id")  # a text of no one page goes anywhere
    number = F.pmod(F.xxhash64(of), F.lit(len(chunks))).cast("int")
    placed = (
        pieces.withColumn("chunk", F.element_at(F.array(*map(F.lit, chunks)), number + 1))
        .withColumn("task", F.pmod(F.xxhash64(of, F.lit("task")), F.lit(TASKS_OF_CHUNK)))
        .repartition(len(chunks) * TASKS_OF_CHUNK, "chunk", "task")
        .sortWithinPartitions("chunk", "page_id", F.desc("is_page"), "nth", "id")
        .drop("task")
    )
    return placed.mapInArrow(weave_pieces(job.settings.settings()), from_arrow_schema(ROWS))


def _write(job: Job[Megadocs], woven: DataFrame, plan: dict[str, Any]) -> None:
    """Write documents and file rows, and the chunks' markers last."""
    root, began = job.root, time.monotonic()
    for chunk in plan:
        root.delete(f"{FOLDER}/chunk={chunk}")
    _append(root, woven.withColumn("kind", F.lit("document")))
    counts = {str(row["chunk"]): row for row in _counted(root, list(plan)).collect()}
    rows = [(chunk, "file", _file_row(stored["files"][0], counts.get(chunk))) for chunk, stored in plan.items()]
    types = StructType().add("chunk", "string").add("kind", "string").add("file", documents.FILES.types)
    _append(root, root.spark.createDataFrame(rows, types))
    seconds = round(time.monotonic() - began, 3)
    for chunk in plan:
        row = counts.get(chunk)
        facts = {"pages": row["pages"], "kept": row["kept"]} if row is not None else {"pages": 0, "kept": 0}
        marker = {"fingerprint": job.how(), "seconds": seconds, "files": 1, "good_files": 1, "failed_files": [], **facts}
        root.markers.write_chunk(FOLDER, chunk, marker)


def _append(root: Root, rows: DataFrame) -> None:
    rows.write.mode("append").partitionBy("chunk", "kind").parquet(root.at(FOLDER))


def _counted(root: Root, chunks: list[str]) -> DataFrame:
    there = [name for name in (f"{FOLDER}/chunk={chunk}/kind=document" for chunk in chunks) if root.exists(name)]
    written = root.folders(there, schema=documents.DOCUMENTS.types, base=FOLDER)
    kept = F.count_if(F.col("outcome") == "extracted")
    return written.groupBy("chunk").agg(F.count("*").alias("pages"), kept.alias("kept"))


def _file_row(planned: dict[str, Any], counted: Any) -> dict[str, Any]:
    """Make the row of a range of pages; it has no bytes of its own."""
    told = dict.fromkeys(FILE_FIELDS.names) | {name: planned[name] for name in ("file_path", "chunk", "start", "end")}
    records = {"document": counted["pages"] if counted is not None else 0}
    zeros = dict.fromkeys(("not_found", "bytes_records", "bytes_skipped", "requests"), 0)
    return told | zeros | {"records": records, "spans_skipped": [], "attempts": 1, "outcome": "read"}


def _ledger(job: Job[Megadocs], pieces: DataFrame) -> Ledger:
    """Prove the law of weave over the pieces, and return the ledger of the documents, to which the next stage is held.

    A piece stands in a document if that names it among its parents; a stretched page stands there in several spans, and counts once.
    """
    written = documents.documents(job.root)
    named = written.select("id", "outcome", "reason", F.explode("parents").alias("parent"))
    names = named.select(F.col("id").alias("document"), "outcome", "reason", F.col("parent.id").alias("id")).distinct()
    placed = names.where("outcome = 'extracted'").select("id")
    weave(
        pieces.selectExpr("id", "1L AS times"),
        placed=placed,
        left_out=names.where("outcome != 'extracted'").select("id", "outcome", "reason"),
    ).check(job.stage.name)
    found = ledger(came=Tally(), decisions=written, kept=job.stage.kept)
    came = sum((tally for part in (found.dropped, found.failed) for tally in part.values()), found.kept)
    return Ledger(came, found.kept, found.dropped, found.failed)
