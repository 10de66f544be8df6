"""Measure the near-duplicate join: is it right, what does it find, how fast is it, and does it scale.

    python -m bench.dedup.measure oracle OUT                        against datasketch's own loop, on 30 corpora of every shape
    python -m bench.dedup.measure truth OUT REAL                    recall and precision on real pages; REAL holds cc-sample's files
    python -m bench.dedup.measure speed OUT --reference-python reference/bin/python         against datatrove's four MinHash steps
    python -m bench.dedup.measure scale OUT --documents 100000 300000 1000000               throughput, memory, bytes shuffled
    python -m bench.dedup.measure incremental OUT --old 50000 200000 --new 20000            a new dump against the index of an old one
    python -m bench.dedup.measure growth OUT --old 40000 200000 1000000 --new 20000         the index alone, keys without texts

Prints Markdown and writes OUT/<subcommand>.json. bench/dedup/reference.py says how to make the reference Python.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.dedup.events import environment
from bench.dedup.incremental import incremental_table, measure_incremental
from bench.dedup.index_growth import growth_table, measure_growth
from bench.dedup.oracle import Verdict, check_corpora
from bench.dedup.scale import measure_scale, scale_tables
from bench.dedup.speed import measure_speed, speed_table
from bench.dedup.truth import measure_truth, truth_tables
from bench.process_usage import machine
from jobs.engine.session import local_session

PROJECT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run one measurement; the exit code is 1 if something is wrong with the decisions."""
    arguments = command_line()
    out: Path = arguments.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any]
    if arguments.what == "oracle":
        found, lines = run_oracle(arguments)
    elif arguments.what == "truth":
        with tempfile.TemporaryDirectory(dir=out) as folder:
            found = measure_truth(arguments.real, Path(folder))
        lines = truth_tables(found)
    elif arguments.what == "speed":
        found = measure_speed(
            out,
            documents=arguments.documents,
            reference_python=arguments.reference_python.absolute(),  # not resolved: a venv's python is a link
            cores=arguments.cores,
            memory=arguments.memory,
        )
        lines = speed_table(found)
    elif arguments.what == "incremental":
        os.environ["PYTHONPATH"] = str(PROJECT)  # Spark's workers find what the bench imports
        spark = local_session(
            master=f"local[{arguments.cores}]", shuffle_partitions=arguments.partitions, driver_memory=arguments.memory
        )
        found = measure_incremental(
            spark, out, olds=arguments.old, new=arguments.new, cores=arguments.cores, check=arguments.check
        )
        lines = incremental_table(found)
    elif arguments.what == "growth":
        shutil.rmtree(out / "events", ignore_errors=True)
        os.environ |= environment(out / "events")
        spark = local_session(
            master=f"local[{arguments.cores}]", shuffle_partitions=arguments.partitions, driver_memory=arguments.memory
        )
        found = measure_growth(spark, out, olds=arguments.old, new=arguments.new)
        spark.stop()
        lines = growth_table(found)
    else:
        found = measure_scale(
            out,
            sizes=arguments.documents,
            bucket=arguments.bucket,
            group=arguments.group,
            cores=arguments.cores,
            memory=arguments.memory,
            partitions=arguments.partitions,
        )
        lines = scale_tables(found)
    (out / f"{arguments.what}.json").write_text(json.dumps(found, indent=1) + "\n")
    print("\n".join(lines))
    return 1 if found.get("faults") else 0


def command_line() -> argparse.Namespace:
    """Read and check the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="what", required=True)
    names = ("oracle", "truth", "speed", "scale", "incremental", "growth")
    oracle, truth, speed, scale, incremental, growth = (commands.add_parser(name) for name in names)
    for command in (oracle, truth, speed, scale, incremental, growth):
        command.add_argument("out", type=Path, help="folder for results and working files")
    oracle.add_argument("--corpora", type=int, default=30)
    oracle.add_argument("--first", type=int, default=0, help="seed of the first corpus, so that others can be asked for")
    oracle.add_argument("--ways", type=int, default=2, choices=range(1, 7), help="of six ways of cutting the work, a corpus")
    truth.add_argument("real", type=Path, help="folder with cc-neardup-* and cc-sample-* as real WARCs")
    speed.add_argument("--reference-python", type=Path, required=True, help="a Python with datatrove")
    speed.add_argument("--documents", type=int, default=40_000)
    scale.add_argument("--documents", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    incremental.add_argument("--old", type=int, nargs="+", default=[50_000, 200_000])
    incremental.add_argument("--new", type=int, default=20_000)
    incremental.add_argument("--check", action="store_true", help="hold the smallest against one go over both dumps")
    scale.add_argument("--bucket", type=int, default=100_000, help="pages of one template, planted where twice as many fit")
    scale.add_argument("--group", type=int, default=50_000, help="near-duplicates of one page, planted with them")
    scale.add_argument("--partitions", type=int, default=16, help="spark.sql.shuffle.partitions")
    growth.add_argument("--old", type=int, nargs="+", default=[40_000, 200_000, 1_000_000])
    growth.add_argument("--new", type=int, default=20_000)
    for command in (incremental, growth):
        command.add_argument("--partitions", type=int, default=16, help="spark.sql.shuffle.partitions")
    for command in (speed, scale, incremental, growth):
        command.add_argument("--cores", type=int, default=2)
        command.add_argument("--memory", default="4g", help="heap of the JVM, driver and executor in one")
    arguments = parser.parse_args()
    if arguments.what == "speed" and not arguments.reference_python.is_file():
        parser.error(
            f"no Python at {arguments.reference_python}, and nothing to hold ours against: make it as bench/dedup/reference.py says"
        )
    return arguments


def run_oracle(arguments: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Check corpora and return what was counted, and that as Markdown."""
    spark = local_session(master="local[2]", shuffle_partitions=4)
    seeds = range(arguments.first, arguments.first + arguments.corpora)
    with tempfile.TemporaryDirectory(dir=arguments.out) as folder:
        verdict = check_corpora(spark, Path(folder), seeds=seeds, ways=arguments.ways)
    spark.stop()
    return vars(verdict) | {"machine": machine()}, oracle_table(verdict)


def oracle_table(verdict: Verdict) -> list[str]:
    """Return the count as Markdown, with the first faults."""
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(verdict.reasons.items()))
    return [
        "| corpora | documents, both backends | runs | dropped | witnesses checked | differences and other faults |",
        "|---|---|---|---|---|---|",
        f"| {verdict.corpora} | {verdict.documents:,} | {verdict.runs} | {verdict.dropped:,} | {verdict.witnesses:,} "
        f"| **{len(verdict.faults)}** |",
        "",
        f"First run of every corpus: {reasons}.",
        *verdict.faults[:20],
    ]


if __name__ == "__main__":
    sys.exit(main())
