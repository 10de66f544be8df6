"""Measure what it costs to ask the index of an old dump for the keys of a new one, as the old dump grows: seconds, jobs, rows read.

The dumps have keys alone, 24 bands and two exact keys a document, and no texts. So nothing but `jobs.dedup.index.call` is
measured; bench/dedup/incremental.py measures all of dedup. One in twenty of the new documents shares its keys with an old one.
"""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.process_usage import machine
from jobs.dedup import index
from jobs.dedup.index_keys import Published, keys_of, slices_of, write_by_slice
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.engine.root import Root

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SETTINGS = Dedup(near_duplicates=NearDuplicates(), exact_url="best", exact_text=True, exact_digest=False)
SHARED = 20  # one in so many new documents
BANDS = 24
KEYS = BANDS + 2  # of a document: its URL and its text are the others
WORK = "dedup/bench"


@dataclass
class Spent:
    """Say what Spark did; CPU is that of tasks, and so without the driver's."""

    jobs: int = 0
    tasks: int = 0
    rows_read: int = 0
    bytes_read: int = 0
    shuffled: int = 0
    cpu_s: float = 0.0


def measure_growth(spark: "SparkSession", out: Path, *, olds: Sequence[int], new: int) -> dict[str, Any]:
    """Measure each size of the old dump; the session writes its event log to OUT/events."""
    runs = [measure(spark, out, old=old, new=new) for old in sorted(olds)]
    return {"machine": machine(), "runs": runs}


def measure(spark: "SparkSession", out: Path, *, old: int, new: int) -> dict[str, Any]:
    """Make an old dump's index and a new dump's pool, and ask the one for the other."""
    store, root = Root(spark, str(out / f"growth-{old}/index")), Root(spark, str(out / f"growth-{old}/new"))
    state = "dump=old"
    rows = documents(spark, first=0, count=old)
    store.save(rows.drop("bands", "dump"), f"{state}/documents")
    slices = slices_of(old * KEYS)
    write_by_slice(store, keys_of(rows, None), f"{state}/keys", slices=slices)
    pool = root.save(documents(spark, first=old - new // SHARED, count=new), "pool")
    published = (Published("old", store.at(state), root.path, "f", old, slices),)
    (log,) = (path for path in (out / "events").iterdir() if not path.name.startswith("."))
    before = log.stat().st_size  # what making them took does not count
    began = time.perf_counter()
    called = index.call(root, WORK, published=published, pool=pool, settings=SETTINGS)
    assert called is not None  # there is a dump
    count = root.save(called, f"{WORK}/called").count()
    seconds = time.perf_counter() - began
    shutil.rmtree(out / f"growth-{old}")
    return {"old": old, "new": new, "called": count, "s": seconds, **asdict(spent_since(log, before))}


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
        f"transform(sequence(1, {BANDS}), band -> xxhash64(band, id)) AS bands",
        f"id - {first} AS nr",
        "cast(NULL AS string) AS dump",
    )


def spent_since(log: Path, offset: int) -> Spent:
    """Sum up an event log's lines from a byte on."""
    spent = Spent()
    with log.open("rb") as lines:
        lines.seek(offset)
        for line in lines:
            event = json.loads(line)
            spent.jobs += event["Event"] == "SparkListenerJobStart"
            if event["Event"] == "SparkListenerTaskEnd" and "Task Metrics" in event:
                metrics = event["Task Metrics"]
                spent.tasks += 1
                spent.rows_read += metrics["Input Metrics"]["Records Read"]
                spent.bytes_read += metrics["Input Metrics"]["Bytes Read"]
                spent.shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                spent.cpu_s += metrics["Executor CPU Time"] / 1e9
    return spent


def growth_table(found: dict[str, Any]) -> list[str]:
    """Return the runs as Markdown."""
    lines = [
        f"{found['machine']}.",
        "",
        "| old dump | new dump | called | s | CPU s of tasks | jobs | tasks | rows read | MB read | MB shuffled |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in found["runs"]:
        lines.append(
            f"| {one['old']:,} | {one['new']:,} | {one['called']:,} | {one['s']:.1f} | {one['cpu_s']:.1f} | {one['jobs']} "
            f"| {one['tasks']:,} | {one['rows_read']:,} | {one['bytes_read'] / 1e6:.0f} | {one['shuffled'] / 1e6:.1f} |"
        )
    return lines
