"""The documents of a root, whatever source wrote them, and the rows of the input files they came from.

A source writes documents/chunk=…/kind=document and …/kind=file, and a marker for each chunk that names the files which could not be
read to their end. Such a file is read again whole in a later run, so what it gave before does not count; nor does a record whose id
an earlier one has.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from jobs.engine.fingerprint import fingerprint
from jobs.engine.small_table import small_table
from jobs.engine.tables import Table
from udfs.documents.schema import DOCUMENT_FIELDS, FILE_FIELDS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from jobs.engine.root import Root

DOCUMENTS = Table("documents", DOCUMENT_FIELDS)
FILES = Table("documents", FILE_FIELDS)  # in the same folder: both come from one pass
DUPLICATE_IDS = "duplicate_ids"
# where a record lies; by chunk first, so that what a later chunk brings never displaces finished work
PLACE = ("chunk", "file_path", "offset", "nth")
PLAN = "plan"
FEW = 1_000_000  # records whose ids and places are broadcast, some 100 bytes each


def planned(root: "Root") -> dict[str, dict[str, Any]]:
    """Return the chunks of the plan by name, in order: one listing, and a request each."""
    return {name: chunk for name, chunk in root.markers.folder(PLAN).items() if name.isdigit()}


def finished(root: "Root") -> dict[str, dict[str, Any]]:
    """Return the markers of the chunks that the source has finished, in order."""
    return root.markers.chunks(DOCUMENTS.path)


def pending(root: "Root", how: str) -> list[str]:
    """List the chunks of the plan that the source has not finished in the way it works now."""
    done = finished(root)
    return [name for name in planned(root) if done.get(name, {}).get("fingerprint") != how]


def chunks(root: "Root") -> list[str]:
    """List the chunks that have documents: those of which a file was read. A chunk of failed files alone is none, to any later stage."""
    return [name for name, marker in finished(root).items() if marker.get("good_files", 1)]


def content(root: "Root") -> list[Any]:
    """Say which documents there are, for a fingerprint: the chunks that have some, and what of each does not count."""
    done = finished(root)
    return [[name, done[name].get("failed_files", [])] for name in chunks(root)]


def failed_files(root: "Root", some: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """List (chunk, file) of every file of these chunks, or of all, that could not be read to its end."""
    wanted = None if some is None else set(some)
    return [
        (chunk, path)
        for chunk, marker in finished(root).items()
        if wanted is None or chunk in wanted
        for path in marker.get("failed_files", ())
    ]


def still_failed(root: "Root") -> list[tuple[str, str]]:
    """List the (chunk, file) that failed and that no other chunk has read. Reads the plan only if a file failed."""
    failed = failed_files(root)
    if not failed:
        return []
    bad, done = set(failed), finished(root)
    read = {
        row["file_path"]
        for chunk, stored in planned(root).items()
        if chunk in done
        for row in stored["files"]
        if (chunk, row["file_path"]) not in bad
    }
    latest = {path: chunk for chunk, path in failed if path not in read}
    return [(chunk, path) for path, chunk in sorted(latest.items())]


def files(root: "Root") -> "DataFrame":
    """Read the rows of input files, one for each file or range and chunk."""
    from pyspark.sql import functions as F

    rows = file_rows(root, finished(root))
    return rows.select("chunk", F.col("file").dropFields("chunk").alias("file")).select("chunk", "file.*")


def file_rows(root: "Root", some: Iterable[str]) -> "DataFrame":
    """Read `file`, a struct, and chunk of the rows of input files in some chunks, finished or not."""
    from pyspark.sql.types import StructType

    folders = [f"documents/chunk={chunk}/kind=file" for chunk in some]
    return root.folders(folders, schema=StructType().add("file", FILES.types), base="documents")


def documents(root: "Root", some: str | Sequence[str] | None = None) -> "DataFrame":
    """Read the documents, of one chunk, of some or of all, without those that do not count."""
    from pyspark.sql import functions as F

    rows, count = _good(root, some), duplicate_id_count(root)
    if not count:
        return rows
    again = root.table(DUPLICATE_IDS)
    return rows.join(F.broadcast(again) if count <= FEW else again, on=["id", *PLACE], how="left_anti")


def duplicate_ids(root: "Root") -> "DataFrame | None":
    """Read the records whose id an earlier record has; None is the common case."""
    return root.table(DUPLICATE_IDS) if duplicate_id_count(root) else None


def duplicate_id_count(root: "Root") -> int:
    """Count the records whose id an earlier record has, as the source wrote it down."""
    return int((root.markers.json(f"{DUPLICATE_IDS}.json") or {"records": 0})["records"])


def write_duplicate_ids(root: "Root") -> None:
    """Find the records whose id an earlier record already has, and write them down if there are any; once for the same documents.

    Ids are grouped by a hash of eight bytes first; only those whose hash is met twice are compared in full with their places.
    """
    from pyspark.sql import functions as F

    of = fingerprint(content(root))
    if (root.markers.json(f"{DUPLICATE_IDS}.json") or {}).get("of") == of:
        return
    root.delete(DUPLICATE_IDS)
    ids = _good(root, None).select("id", *PLACE)
    met_twice = ids.groupBy(F.xxhash64("id").alias("hash")).agg(F.count("*").alias("n")).where("n > 1").select("hash")
    suspects = ids.withColumn("hash", F.xxhash64("id")).join(met_twice, on="hash", how="left_semi").drop("hash").persist()
    first = F.min(F.struct(*PLACE)).alias("first")
    again = suspects.groupBy("id").agg(F.count("*").alias("n"), first).where("n > 1").select("id", "first")
    rows = suspects.join(again, on="id", how="inner").where(F.struct(*PLACE) > F.col("first")).select("id", *PLACE)
    count = 0
    if not suspects.isEmpty():
        rows.write.mode("overwrite").parquet(root.at(DUPLICATE_IDS))
        count = root.table(DUPLICATE_IDS).count()
    suspects.unpersist()
    root.markers.write_json(f"{DUPLICATE_IDS}.json", {"records": count, "of": of})


def _good(root: "Root", some: str | Sequence[str] | None) -> "DataFrame":
    from pyspark.sql import functions as F

    wanted = chunks(root) if some is None else [some] if isinstance(some, str) else list(some)
    done, there = finished(root), set(chunks(root))
    folders = [f"documents/chunk={chunk}/kind=document" for chunk in wanted if chunk in there and done[chunk].get("pages", 1)]
    rows = root.folders(folders, schema=DOCUMENTS.types, base="documents").drop("kind")
    failed = failed_files(root, wanted)
    if not failed:
        return rows
    bad = small_table(root.spark, failed, "chunk string, file_path string")
    return rows.join(F.broadcast(bad), on=["chunk", "file_path"], how="left_anti")
