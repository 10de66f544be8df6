"""Kill a run with SIGKILL as its n-th Spark job begins, go on, and hold the rows against those of a run that nobody disturbed.

    python -m bench.robustness.kill_jobs OUT --kills 20

Filter, dedup, passages and publish of the sample run again and again over what annotate measured. Dedup runs as the distributed join and
in rounds, and passages cuts its tables by chunk, as they do for a crawl. The numbers of the jobs are drawn by a seed, evenly over the
run. A thread of the killed driver counts jobs, so it may kill one job later. The next run has a root that it opens anew, in a session
that is there.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

from bench.process_usage import machine
from jobs.contexts import make_context
from jobs.dedup import in_memory, rounds
from jobs.engine.lease import leased
from jobs.engine.models import resolve_models
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.engine.session import local_session
from jobs.passages import texts
from jobs.recipe.load import load_recipe, stages_of
from tests.runs import copy_facts, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TINY = Path(__file__).parents[2] / "conf" / "tiny.toml"
PASSAGES = """
[passages.ccnet_lines]

[passages.bff]
max_memory_mb = 64

[passages.substrings]
"""
TABLES = ("decisions/filter", "decisions/dedup", "decisions/passages", "edits/passages", "corpus")
WAYS: tuple[tuple[ModuleType, str, int], ...] = (  # what is worked on otherwise however small it is
    (in_memory, "DOCUMENTS", 0),
    (rounds, "TAIL", 0),
    (rounds, "MEETINGS", 0),
    (texts, "FEW_CHUNKS", 1),
)
EVERY_S = 0.005  # between looks at the number of jobs
JOBS = "jobs.json"  # beside a killed root: how many jobs had begun and ended at the last look


@dataclass(frozen=True)
class Killed:
    """Say what a kill cost: jobs that had ended before it, jobs of the next run, those done twice, and whether the rows are the same."""

    at: int
    ended: int
    more: int
    again: int
    same: bool


def main() -> None:
    """Run once undisturbed, then kill and go on at each drawn job, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument("--first", type=int, default=0, help="of the drawn kills, to go on where an earlier call ended")
    parser.add_argument("--kill-at", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    out: Path = given.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    spark = local_session(master="local[2]", driver_memory="1g")
    if given.kill_at is not None:
        with as_of_a_crawl():
            kill_at(spark, out, given.kill_at)
        return
    facts, expected = measured(spark, out)
    with as_of_a_crawl():
        measure(spark, facts, out, expected, Drawn(given.kills, given.seed, given.first))
    spark.stop()


@dataclass(frozen=True)
class Drawn:
    """Say how many kills are drawn, by which seed, and the first to be done."""

    kills: int
    seed: int
    first: int

    def places(self, jobs: int) -> list[int]:
        """Return the numbers of the jobs."""
        drawn = random.Random(self.seed)
        places = [drawn.randint(1 + jobs * n // self.kills, jobs * (n + 1) // self.kills) for n in range(self.kills)]
        drawn.shuffle(places)  # so that a call that is cut short has kills of the whole run
        return places[self.first :]


def measure(spark: "SparkSession", facts: Path, out: Path, expected: dict[str, str], drawn: Drawn) -> None:
    """Run undisturbed, then kill and go on, and print a table."""
    jobs = go_on(spark, copied(facts, out / "undisturbed"))
    wrong = differing(out / "undisturbed/root", expected)
    print(f"{machine()}\n\n{jobs} jobs undisturbed; other rows than a run in memory: {wrong or 'none'}\n")
    print(
        "| killed at job | jobs ended before | jobs of the next run | done twice | of all | the same rows |\n|---|---|---|---|---|---|"
    )
    found = [kill_and_go_on(spark, facts, out, at, jobs, expected) for at in drawn.places(jobs)]
    again = [one.again / jobs for one in found]
    print(
        f"\n{len(found)} kills: done twice {statistics.median(again):.1%} of all jobs in the median, {max(again):.1%} at most"
    )
    written = {"machine": machine(), "jobs": jobs, "kills": [asdict(one) for one in found]}
    (out / "kill_jobs.json").write_text(json.dumps(written, indent=1) + "\n")
    if wrong or not all(one.same for one in found):
        raise SystemExit("a run ended at other rows")


@contextmanager
def as_of_a_crawl() -> Iterator[None]:
    """Let dedup and passages work as for a crawl, however small the corpus is."""
    with ExitStack() as ways:
        for module, name, value in WAYS:
            ways.enter_context(mock.patch.object(module, name, value))
        yield


def measured(spark: "SparkSession", out: Path) -> tuple[Path, dict[str, str]]:
    """Return a root with what annotate measured, and the hashes of the rows that follow from it by the ways of a small corpus."""
    whole, facts, known = out / "whole", out / "facts", out / "expected.json"
    if not known.exists():
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        (out / "kill.toml").write_text(TINY.read_text("utf-8") + PASSAGES)
        go_on(spark, whole)
        copy_facts(whole, facts)
        known.write_text(json.dumps(hashes(whole)))
    return facts, json.loads(known.read_text())


def copied(facts: Path, folder: Path) -> Path:
    """Copy what was measured, without the lease of who measured it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(facts, folder / "root", ignore=shutil.ignore_patterns("lease", "passages", "run.json", "report.json"))
    return folder / "root"


def hashes(root: Path) -> dict[str, str]:
    """Hash the rows of each table."""
    return {table: hashlib.sha256(repr(rows(root, table)).encode()).hexdigest()[:16] for table in TABLES}


def differing(root: Path, expected: dict[str, str]) -> list[str]:
    """Name the tables whose rows are others."""
    found = hashes(root)
    return [table for table in TABLES if found[table] != expected[table]]


def kill_and_go_on(spark: "SparkSession", facts: Path, out: Path, at: int, jobs: int, expected: dict[str, str]) -> Killed:
    """Kill a run at a job, run again, and say what that cost."""
    root = copied(facts, out / "killed")
    command = [sys.executable, "-m", "bench.robustness.kill_jobs", str(root.parent), "--kill-at", str(at)]
    with (root.parent / "log").open("wb") as log:
        code = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True).wait()
    if code != -signal.SIGKILL:
        raise SystemExit(f"the run ended with {code} before job {at}: {(root.parent / 'log').read_text('utf-8')[-3000:]}")
    ended = json.loads((root.parent / JOBS).read_text())["ended"]
    more = go_on(spark, root)
    killed = Killed(at=at, ended=ended, more=more, again=ended + more - jobs, same=not differing(root, expected))
    share = f"{killed.again} | {killed.again / jobs:.1%} | {'yes' if killed.same else 'NO'}"
    print(f"| {killed.at} | {killed.ended} | {killed.more} | {share} |", flush=True)
    return killed


def go_on(spark: "SparkSession", root: Path) -> int:
    """Run what is not finished, as a new run does, and return how many jobs that took."""
    recipe = load_recipe(next(folder for folder in root.parents if (folder / "kill.toml").exists()) / "kill.toml")
    before, place = begun(spark), Root(spark, str(root))
    with leased(place.store, root=str(root), say=partial(print, flush=True)) as lease:
        models = resolve_models(recipe, stages_of(recipe))
        run_stages(make_context(recipe, root=place, models=models, lease=lease))
    return begun(spark) - before


def begun(spark: "SparkSession") -> int:
    """Return how many jobs have begun in this session."""
    return int(scheduler_of(spark).numTotalJobs())


def scheduler_of(spark: "SparkSession") -> Any:
    """Return what counts a session's jobs."""
    return spark.sparkContext._jsc.sc().dagScheduler()


def kill_at(spark: "SparkSession", folder: Path, job: int) -> None:
    """Run, and kill the own process group when so many jobs have begun."""
    scheduler = scheduler_of(spark)

    def watch() -> None:
        while (count := begun(spark)) < job:
            time.sleep(EVERY_S)
        (folder / JOBS).write_text(json.dumps({"ended": count - int(scheduler.activeJobs().size())}))
        os.killpg(os.getpgid(0), signal.SIGKILL)

    Thread(target=watch, daemon=True).start()
    go_on(spark, folder / "root")


if __name__ == "__main__":
    main()
