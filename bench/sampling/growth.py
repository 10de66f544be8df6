"""How the search for exact cuts grows with documents: passes, rows of its tables, numbers that reach the driver, seconds.

    python -m bench.sampling.growth --documents 100000 1000000

The values are made up: scores near 0 with a long tail, as a classifier gives them to web pages; and scores of six values.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal

from pyspark.sql import DataFrame, SparkSession

from jobs.engine.root import Root
from jobs.engine.session import local_session
from jobs.sampling.cuts import Wanted, cuts

SHAPES = {"long tail": "pow(u, 8)", "six values": "floor(u * 6) / 5"}
TENTH = Wanted(shares=(Decimal("0.1"),))


def pool(spark: SparkSession, folder: str, *, documents: int, value: str) -> DataFrame:
    """Write and read back a pool of one group."""
    uniform = "(shiftrightunsigned(xxhash64(id, 'u'), 12) + 0.5) * pow(2D, -52) AS u"
    rows = spark.range(documents).selectExpr("cast(id AS string) AS id").selectExpr("id", uniform, "xxhash64(id) AS key")
    rows.selectExpr("id", "'' AS `group`", f"cast({value} AS double) AS value", "key", "1L AS weight").write.parquet(folder)
    return spark.read.parquet(folder)


def measure(spark: SparkSession, *, documents: int, shape: str) -> str:
    """Cut one pool and return a row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        rows = pool(spark, f"{folder}/pool", documents=documents, value=SHAPES[shape])
        root, tables = Root(spark, folder), list[int]()

        def once(name: str, make: Callable[[], DataFrame]) -> DataFrame:
            found = root.once(name, make)
            tables.append(found.count())
            return found

        began = time.monotonic()
        (row,) = cuts(rows, TENTH, once=once).collect()
        seconds = time.monotonic() - began
        (cut,) = row["cuts"]
        above = rows.where(f"value > {cut['value']!r}D OR value = {cut['value']!r}D AND key < {cut['key']}").count()
    passes = len(tables) - 2
    return f"| {shape} | {documents:,} | {passes} | {max(tables)} | {passes + 1} | {above:,} | {seconds:.1f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[100_000, 1_000_000])
    given = parser.parse_args()
    spark = local_session(master="local[2]", shuffle_partitions=8)
    try:
        print("| values | documents | passes | rows of a table | numbers to the driver | documents kept | seconds |")
        print("|---|---|---|---|---|---|---|")
        for shape in SHAPES:
            for documents in given.documents:
                print(measure(spark, documents=documents, shape=shape), flush=True)
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
