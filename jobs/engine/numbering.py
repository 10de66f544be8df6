"""Documents numbered in an order: their place in sorted files as written, so that a task tried again cannot change a number."""

import re

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.root import Root
from jobs.engine.small_table import small_table

PART = re.compile(r"part-(\d+)-.*-c(\d+)\b.*")


def write_numbered(root: Root, folder: str, *, ordered: DataFrame) -> int:
    """Write rows that are sorted, unless that is done; return how many there are. Read them back with `numbered`."""
    done = root.read_json(f"{folder}/order.json")
    if done is not None:
        return int(done["documents"])
    written = root.save(ordered, f"{folder}/order")
    counts = written.groupBy(F.col("_metadata.file_name").alias("file")).count().collect()
    firsts: dict[str, int] = {}
    total = 0
    for row in sorted(counts, key=lambda row: place_of(row["file"])):
        firsts[row["file"]] = total
        total += int(row["count"])
    root.write_json(f"{folder}/order.json", {"documents": total, "firsts": firsts})
    return total


def place_of(file: str) -> tuple[int, int]:
    """Return the place of a file in the order of the sort: its partition, then its number in it.

    A setting of the cluster, such as maxRecordsPerFile, may cut a partition into several files; their names end in -c000, -c001 and on.

    >>> place_of("part-00010-0e7a-c1000.snappy.parquet")
    (10, 1000)
    >>> sorted(["part-10-x-c000.parquet", "part-2-x-c1000.parquet", "part-2-x-c999.parquet"], key=place_of)
    ['part-2-x-c999.parquet', 'part-2-x-c1000.parquet', 'part-10-x-c000.parquet']
    """
    match = PART.fullmatch(file)
    assert match is not None, f"{file} is not named as Spark names a part of a table"
    return int(match[1]), int(match[2])


def numbered(root: Root, folder: str) -> DataFrame:
    """Read what write_numbered wrote, with `nr`: 0 is the first."""
    marker = root.read_json(f"{folder}/order.json") or {"firsts": {}}
    firsts = small_table(root.spark, list(marker["firsts"].items()), "file string, first bigint")
    rows = root.table(f"{folder}/order").select(
        "*", F.col("_metadata.file_name").alias("file"), F.col("_metadata.row_index").alias("row")
    )
    placed = rows.join(F.broadcast(firsts), on="file", how="inner")
    return placed.withColumn("nr", F.col("first") + F.col("row")).drop("file", "first", "row")
