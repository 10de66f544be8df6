"""What one crawl costs and how it scales: core-hours by stage from measured rates, and hours on a cluster by simulation.

    python -m bench.crawl.cost                    the tables of docs/crawl_cost.md and bench/results/crawl_cost.md, from what was measured for them
    python -m bench.crawl.cost --root out/run     the same with the spread of your own run's files (give --root again for more)
    python -m bench.crawl.cost measure            the driver's overhead on this machine, in a local Spark

The simulation is of extract, the stage that takes nine tenths: bench/crawl/model.py. Same arguments, same tables.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.dataset as ds

from bench.crawl.bills import JOIN_CORE_MS, bills_table
from bench.crawl.model import Cluster, Driver, Work, simulate
from jobs.crawl.cost import GATED_MB_PER_CORE_HOUR, REQUEST_S
from jobs.recipe.recipe import Prices

# Assumed: what a crawl is
FILES = 90_000
CAPTURES = 27_800  # response records in a WARC
MB = 940.0  # gzipped, of a WARC; a million bytes
# Measured, bench/results/extraction.md: two cores, two WARCs of real pages, conf/fineweb.toml
MB_A_CAPTURE = 0.0217  # gzipped
ANNOTATE = 0.116  # share of annotate in extract and annotate
# Measured, bench/results/real_run.md: of 2,605 captures
FILTERED = 576 / 2605
# Assumed: filter, publish and report together, of all else; none was measured on a large input
REST = 0.05
# Measured by `measure --tasks 5000 --chunks 10` on two cores that other work kept busy; seconds
DRIVER = Driver(task_s=0.0054, chunk_s=3.1)
OBJECT_STORE_REQUESTS = 25  # assumed: made one after another by the driver for a chunk, REQUEST_S each
# Measured: worker seconds a byte of 8 ranges of 7 MB of two real WARCs, over their mean
SPREAD = (0.834, 0.897, 0.9, 0.959, 1.033, 1.063, 1.112, 1.202)
CUTS = ((100, 2), (100, 8), (500, 4), (500, 6), (1000, 12))  # chunk_files, chunks_at_once
CORES = (100, 1_000, 4_000)
SPOT = 0.05  # assumed: executors lost an hour, of all
SEED = 1


@dataclass(frozen=True)
class Stage:
    """One stage's core-hours for a crawl, if a capture costs what a page did, and if a gzipped byte does."""

    name: str
    by_captures: float
    by_bytes: float


def stages() -> list[Stage]:
    """Reckon the core-hours of each stage."""
    rate = GATED_MB_PER_CORE_HOUR["trafilatura"]
    captures, gzipped = FILES * CAPTURES * MB_A_CAPTURE / rate, FILES * MB / rate
    join = FILES * CAPTURES * FILTERED * JOIN_CORE_MS / 1000 / 3600
    made = [
        Stage("extract", captures * (1 - ANNOTATE), gzipped * (1 - ANNOTATE)),
        Stage("annotate", captures * ANNOTATE, gzipped * ANNOTATE),
        Stage("dedup", join, join),
    ]
    rest = [REST * sum(stage.by_captures for stage in made), REST * sum(stage.by_bytes for stage in made)]
    return [*made, Stage("filter, publish, report", rest[0], rest[1])]


def cost_table() -> Iterator[str]:
    """Yield a row for each stage, and their sum, in core-hours and dollars."""
    price = Prices().core_hour
    yield "| stage | core-hours, by captures | core-hours, by bytes | dollars |"
    yield "|---|---|---|---|"
    every = stages()
    total = Stage("**all**", sum(s.by_captures for s in every), sum(s.by_bytes for s in every))
    for s in (*every, total):
        yield f"| {s.name} | {s.by_captures:,.0f} | {s.by_bytes:,.0f} | {s.by_captures * price:,.0f} to {s.by_bytes * price:,.0f} |"


def scale_table(spread: tuple[float, ...], driver: Driver) -> Iterator[str]:
    """Yield the hours that extract takes, and the share of the cores' time that is work, for each way of cutting and size of cluster."""
    yield "| chunk_files × chunks_at_once | " + " | ".join(f"{cores:,} cores" for cores in CORES) + " |"
    yield "|---" * (1 + len(CORES)) + "|"
    for chunk_files, at_once in CUTS:
        cells = [cell(spread, driver, cores=cores, chunk_files=chunk_files, at_once=at_once) for cores in CORES]
        yield f"| {chunk_files} × {at_once} | " + " | ".join(cells) + " |"


def cell(spread: tuple[float, ...], driver: Driver, *, cores: int, chunk_files: int, at_once: int, spot: float = 0.0) -> str:
    """Simulate one case and say its hours and efficiency."""
    seconds = next(s for s in stages() if s.name == "extract").by_captures * 3600 / FILES
    work = Work(files=FILES, chunk_files=chunk_files, at_once=at_once, task_s=seconds, spread=spread)
    told = simulate(work, Cluster(cores=cores, losses_per_hour=spot), driver, seed=SEED)
    return f"{told.hours:,.1f} h, {told.efficiency:.0%}"


def effects_table(spread: tuple[float, ...], driver: Driver) -> Iterator[str]:
    """Yield what each effect alone does to extract at 1,000 and 4,000 cores, with chunks that fill them."""
    chosen = {1_000: (500, 6), 4_000: (1000, 12)}
    none = Driver(task_s=0.0, chunk_s=0.0)
    slow = replace(driver, task_s=10 * driver.task_s, chunk_s=10 * driver.chunk_s)
    cases = (  # the last: so many chunks at once of each three
        ("all files alike, a driver that costs nothing", (1.0,), none, 0.0, 3),
        ("files as unlike as the measured ranges", spread, none, 0.0, 3),
        ("the driver as measured", spread, driver, 0.0, 3),
        ("the driver ten times as slow", spread, slow, 0.0, 3),
        (f"{SPOT:.0%} of the executors lost every hour", spread, driver, SPOT, 3),
        ("the same with a third fewer chunks at once", spread, driver, SPOT, 2),
        (f"{4 * SPOT:.0%} of the executors lost every hour", spread, driver, 4 * SPOT, 3),
        ("the same with a third fewer chunks at once", spread, driver, 4 * SPOT, 2),
    )
    yield "| | " + " | ".join(f"{cores:,} cores, {f} × {n}" for cores, (f, n) in chosen.items()) + " |"
    yield "|---" * (1 + len(chosen)) + "|"
    for name, factors, how, spot, of_three in cases:
        cells = [
            cell(factors, how, cores=c, chunk_files=f, at_once=n * of_three // 3, spot=spot) for c, (f, n) in chosen.items()
        ]
        yield f"| {name} | " + " | ".join(cells) + " |"


def spread_of(roots: list[Path]) -> tuple[float, ...]:
    """Return worker seconds a byte of every range of these runs that was read whole, over their mean."""
    rates: list[float] = []
    for root in roots:
        table = ds.dataset(root / "documents", format="parquet", partitioning="hive").to_table(
            filter=ds.field("kind") == "file"
        )
        rows = [row["file"] for row in table.to_pylist()]
        rates += [row["seconds"] / row["bytes_records"] for row in rows if row["outcome"] != "failed" and row["bytes_records"]]
    mean = statistics.fmean(rates)
    return tuple(sorted(round(rate / mean, 3) for rate in rates))


def measure(tasks: int, chunks: int) -> Driver:
    """Time empty tasks, and chunks of one empty task that write and read a table and their marker as extract does, in a local Spark."""
    from jobs.engine.session import local_session

    spark = local_session(master="local[2]")
    try:
        spark.range(0, 1000, 1, 1000).write.format("noop").mode("overwrite").save()  # the JVM's first time
        began = time.monotonic()
        spark.range(0, tasks, 1, tasks).write.format("noop").mode("overwrite").save()
        task_s = (time.monotonic() - began) / tasks
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            for chunk in range(chunks):
                where = f"{folder}/{chunk}"
                spark.range(1).selectExpr("id", "'file' AS kind").write.partitionBy("kind").parquet(where)
                spark.read.parquet(f"{where}/kind=file").where("id = 1").distinct().collect()
            chunk_s = (time.monotonic() - began) / chunks
    finally:
        spark.stop()
    return Driver(task_s=round(task_s, 5), chunk_s=round(chunk_s, 3))


def main() -> int:
    """Print the tables, or measure the driver."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("what", nargs="?", choices=("tables", "measure"), default="tables")
    given.add_argument("--root", type=Path, action="append", help="a finished run, whose files' spread is taken")
    given.add_argument("--tasks", type=int, default=20_000, help="empty tasks that measure times")
    given.add_argument("--chunks", type=int, default=20, help="empty chunks that measure times")
    chosen = given.parse_args()
    if chosen.what == "measure":
        print(measure(chosen.tasks, chosen.chunks))
        return 0
    spread = spread_of(chosen.root) if chosen.root else SPREAD
    if chosen.root:
        print(f"spread of {len(spread)} files or ranges, times the mean: {', '.join(map(str, spread))}\n")
    for table in tables(spread):
        print("\n".join(table), end="\n\n")
    return 0


def tables(spread: tuple[float, ...] = SPREAD) -> Iterator[Iterator[str]]:
    """Yield the two tables of docs/crawl_cost.md and the two of bench/results/crawl_cost.md."""
    driver = replace(DRIVER, chunk_s=DRIVER.chunk_s + OBJECT_STORE_REQUESTS * REQUEST_S)
    yield cost_table()
    yield bills_table(Prices().core_hour)
    yield scale_table(spread, driver)
    yield effects_table(spread, driver)


if __name__ == "__main__":
    sys.exit(main())
