"""Measure what a new dump costs to ask the index of an old one, as the old one grows: seconds, jobs, rows read, bytes shuffled.

    python -m bench.dedup.index_growth OUT --new 200000 --old 200000 1000000 5000000

The dumps have keys alone, 24 bands and two exact keys a document, and no texts: nothing but `call` runs. One in twenty of the new
documents shares its keys with an old one. `--keys-at-once` stands for a larger dump: with a tenth of the default, 200,000 documents
ask as two million would. OUT/index_growth.json gets the numbers.
"""

import argparse
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.dedup import events
from bench.process_usage import machine
from jobs.dedup import index, index_keys
from jobs.dedup.index_keys import Published, keys_of, slices_of, write_by_slice
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.engine.root import Root
from jobs.engine.session import local_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SETTINGS = Dedup(near_duplicates=NearDuplicates(), exact_url="best", exact_text=True, exact_digest=False)
SHARED = 20  # one in so many new documents
KEYS = 26  # of a document: 24 bands, a URL and a text
WORK = "dedup/bench"


@dataclass
class Spent:
    """Say what Spark did."""

    jobs: int = 0
    tasks: int = 0
    rows_read: int = 0
    bytes_read: int = 0
    shuffled: int = 0
    cpu_s: float = 0.0


def main() -> None:
    """Measure each size of the old dump and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--new", type=int, default=200_000)
    parser.add_argument("--old", type=int, nargs="+", default=[200_000, 1_000_000, 5_000_000])
    parser.add_argument("--keys-at-once", type=int, default=index_keys.KEYS_AT_ONCE)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="3g")
    given = parser.parse_args()
    index_keys.KEYS_AT_ONCE = given.keys_at_once
    out: Path = given.out.absolute()
    shutil.rmtree(out, ignore_errors=True)
    os.environ |= events.environment(out / "events")
    spark = local_session(master=f"local[{given.cores}]", shuffle_partitions=16, driver_memory=given.memory)
    found = [measure(spark, out, old=old, new=given.new) for old in sorted(given.old)]
    spark.stop()
    (out / "index_growth.json").write_text(json.dumps({"machine": machine(), "runs": found}, indent=1) + "\n")
    print("| old dump | new dump | called | s | CPU s | jobs | tasks | rows read | MB read | MB shuffled |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for one in found:
        print(
            f"| {one['old']:,} | {one['new']:,} | {one['called']:,} | {one['s']:.1f} | {one['cpu_s']:.1f} | {one['jobs']} | {one['tasks']:,} "
            f"| {one['rows_read']:,} | {one['bytes_read'] / 1e6:.0f} | {one['shuffled'] / 1e6:.0f} |"
        )


def measure(spark: "SparkSession", out: Path, *, old: int, new: int) -> dict[str, Any]:
    """Make an old dump's index and a new dump's pool, and ask the one for the other."""
    store, root = Root(spark, str(out / "index")), Root(spark, str(out / "new"))
    state = f"dump=old/{old}"
    rows = documents(spark, first=0, count=old)
    store.save(rows.drop("bands", "dump"), f"{state}/documents")
    slices = slices_of(old * KEYS)
    write_by_slice(store, keys_of(rows, None), f"{state}/keys", slices=slices)
    pool = root.save(documents(spark, first=old - new // SHARED, count=new), "pool")
    published = (Published("old", store.at(state), root.path, "f", old, slices),)
    events_of(out)  # what making them took does not count
    began = time.perf_counter()
    called = index.call(root, WORK, published=published, pool=pool, settings=SETTINGS)
    assert called is not None
    count = root.save(called, f"{WORK}/called").count()
    seconds = time.perf_counter() - began
    spent = events_of(out)
    shutil.rmtree(out / "new" / "dedup")
    return {"old": old, "new": new, "called": count, "s": seconds, **vars(spent)}


def documents(spark: "SparkSession", *, first: int, count: int) -> "DataFrame":
    """Make documents with the columns of a pool; two of one number have the same keys."""
    return spark.range(first, first + count).selectExpr(
        "format_string('%032d', id) AS id",
        "'00000' AS chunk",
        "concat('example.org/', id) AS url_key",
        "cast(NULL AS string) AS digest",
        "'2026-01-01T00:00:00Z' AS date",
        "concat('text ', id) AS text_hash",
        "100L AS shingle_count",
        "transform(sequence(0, 23), band -> xxhash64(band, id)) AS bands",
        f"id - {first} AS nr",
        "cast(NULL AS string) AS dump",
    )


_read = 0


def events_of(out: Path) -> Spent:
    """Sum up Spark's events since the last call."""
    global _read
    spent = Spent()
    (log,) = (path for path in (out / "events").iterdir() if not path.name.startswith("."))
    with log.open(encoding="utf-8") as lines:
        lines.seek(_read)
        while line := lines.readline():
            event = json.loads(line)
            spent.jobs += event["Event"] == "SparkListenerJobStart"
            if event["Event"] == "SparkListenerTaskEnd" and "Task Metrics" in event:
                metrics = event["Task Metrics"]
                spent.tasks += 1
                spent.rows_read += metrics["Input Metrics"]["Records Read"]
                spent.bytes_read += metrics["Input Metrics"]["Bytes Read"]
                spent.shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                spent.cpu_s += metrics["Executor CPU Time"] / 1e9
        _read = lines.tell()
    return spent


if __name__ == "__main__":
    main()
