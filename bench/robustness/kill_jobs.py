"""Kill a run with SIGKILL as its n-th Spark job begins, go on, kill it again, and hold the rows against those of an undisturbed run.

    python -m bench.robustness.kill_jobs OUT --chains 5 --kills 20

Filter, dedup, passages and publish of the sample run again and again over what annotate measured. Dedup runs as the distributed join and
in rounds, and passages cuts its tables by chunk, as they do for a crawl. A chain is one root: its run is killed some jobs on, the next is
killed again, until one ends. The places of all kills are drawn by a seed, evenly over the run. Spark's event log says which jobs of the
undisturbed run lie behind a kill. A thread of the killed driver counts jobs, so it may kill one job later. Every run is a process of its
own. What a chain found is written as it ends, and the next call goes on behind it.

A tiny corpus has jobs of a few milliseconds beside jobs of seconds. So what was done again is counted in jobs, and in work: the time that
tasks of a job of that name ran in the undisturbed run. What they ran in a chain has the start of each process in it, and stands apart.
"""

import argparse
import hashlib
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

from bench.process_usage import machine
from bench.robustness.job_log import FOLDER, Job, log_jobs, logged_jobs, place, usual, work
from bench.robustness.kill_chain import Chain, Process, line, report
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
COUNTS = "counts.json"  # beside a killed root: how many jobs had begun and ended at the last look
USUAL = 14  # jobs that a run does again, before one is known


def main() -> None:
    """Run once undisturbed, then chain after chain, and print a line for each kill."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--chains", type=int, default=5)
    parser.add_argument("--kills", type=int, default=20, help="of a chain")
    parser.add_argument("--seed", type=int, default=27)
    parser.add_argument("--kill-at", type=float, help=argparse.SUPPRESS)
    given = parser.parse_args()
    out: Path = given.out.absolute()
    if given.kill_at is not None:
        run(out, given.kill_at)
        return
    facts, expected, undisturbed = measured(out)
    all_work = work(undisturbed, {})
    print(
        f"{machine()}\n\n{len(undisturbed)} jobs undisturbed, {all_work / 1000:.1f} s of tasks, with the rows of a run in memory\n"
    )
    print("| chain | jobs behind | jobs ended by the next run | again | of all | work again, ms | of all | met in order |")
    print("|---|---|---|---|---|---|---|---|")
    for number in range(given.chains):
        written = out / f"chain-{number:02d}.json"
        if not written.exists():
            places = drawn(len(undisturbed), number, chains=given.chains, kills=given.kills, seed=given.seed)
            found = chain(copied(facts, out / "killed"), number, places, undisturbed, expected)
            written.write_text(json.dumps({"machine": machine(), "jobs": len(undisturbed)} | asdict(found), indent=1) + "\n")
    report(out, undisturbed)


def drawn(jobs: int, chain: int, *, chains: int, kills: int, seed: int) -> list[int]:
    """Return the places of a chain's kills: every so manieth of as many even parts as there are kills in all, one job of each drawn."""
    draw, parts = random.Random(seed * 1000 + chain), chains * kills
    return [draw.randint(1 + jobs * part // parts, jobs * (part + 1) // parts) for part in range(chain, parts, chains)]


def chain(root: Path, number: int, places: list[int], undisturbed: list[Job], expected: dict[str, str]) -> Chain:
    """Kill the runs of a root one after the other, each as it comes to its place, until one ends."""
    found: list[Process] = []
    behind, again = 0, 0
    for at in [*places, math.inf]:
        at_job = at - behind + again
        if at_job < 1:
            continue  # the kill before this came so late that it has its place
        process = one_run(root, at_job, undisturbed, near=int(min(at, len(undisturbed))))
        found.append(process)
        if len(found) > 1:
            print(line(Chain(number, tuple(found), same=True), len(found) - 2, undisturbed), flush=True)
        behind, again = process.behind, USUAL
        if process.alike is None:
            break
    wrong = differing(root, expected)
    print(f"chain {number}: {len(found) - 1} kills, other rows in {wrong or 'no table'}", flush=True)
    return Chain(number, tuple(found), same=not wrong)


def one_run(root: Path, at_job: float, undisturbed: list[Job], *, near: int) -> Process:
    """Run in a process that kills itself as its job `at_job` begins, or that ends before."""
    folder = root.parent
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    command = [sys.executable, "-m", "bench.robustness.kill_jobs", str(folder), "--kill-at", str(at_job)]
    with (folder / "log").open("wb") as log:
        code = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True).wait()
    if code not in (0, -signal.SIGKILL):
        raise SystemExit(f"a run ended with {code}: {(folder / 'log').read_text('utf-8')[-3000:]}")
    jobs = logged_jobs(folder / FOLDER)
    each, names = usual(undisturbed), [job.name for job in undisturbed]
    ran = int(work(jobs, {}))
    if code == 0:
        return Process(len(jobs), len(jobs), len(undisturbed), None, work(jobs, each), work(undisturbed, each), ran)
    counts = json.loads((folder / COUNTS).read_text())
    began = jobs[: counts["begun"]]
    at, alike = place(names, [job.name for job in began], near=near)
    behind = at - (counts["begun"] - counts["ended"])
    worked_behind = work(undisturbed[: max(0, behind)], each)
    return Process(counts["begun"], counts["ended"], behind, alike, work(began, each), worked_behind, ran)


@contextmanager
def as_of_a_crawl() -> Iterator[None]:
    """Let dedup and passages work as for a crawl, however small the corpus is."""
    with ExitStack() as ways:
        for module, name, value in WAYS:
            ways.enter_context(mock.patch.object(module, name, value))
        yield


def measured(out: Path) -> tuple[Path, dict[str, str], list[Job]]:
    """Return a root with what annotate measured, the hashes of the rows by the ways of a small corpus, and the jobs of a whole run."""
    facts, known = out / "facts", out / "undisturbed.json"
    if not known.exists():
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        (out / "kill.toml").write_text(TINY.read_text("utf-8") + PASSAGES)
        spark = local_session(master="local[2]", driver_memory="1g")
        go_on(spark, out / "whole")
        spark.stop()
        copy_facts(out / "whole", facts)
        expected, root = hashes(out / "whole"), copied(facts, out / "killed")
        one_run(root, math.inf, [], near=0)
        if wrong := differing(root, expected):
            raise SystemExit(f"an undisturbed run has other rows than one in memory: {wrong}")
        known.write_text(
            json.dumps({"hashes": expected, "jobs": [asdict(job) for job in logged_jobs(root.parent / FOLDER)]}, indent=1)
        )
    stored = json.loads(known.read_text())
    return facts, stored["hashes"], [Job(**job) for job in stored["jobs"]]


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


def go_on(spark: "SparkSession", root: Path) -> None:
    """Run what is not finished, as a new run does."""
    recipe = load_recipe(next(folder for folder in root.parents if (folder / "kill.toml").exists()) / "kill.toml")
    place = Root(spark, str(root))
    with leased(place.store, root=str(root), say=partial(print, flush=True)) as lease:
        models = resolve_models(recipe, stages_of(recipe))
        run_stages(make_context(recipe, root=place, models=models, lease=lease))


def run(folder: Path, job: float) -> None:
    """Run as for a crawl, and kill the own process group when so many jobs have begun."""
    log_jobs(folder / FOLDER)
    spark = local_session(master="local[2]", driver_memory="1g")
    scheduler: Any = spark.sparkContext._jsc.sc().dagScheduler()

    def watch() -> None:
        while (begun := int(scheduler.numTotalJobs())) < job:
            time.sleep(EVERY_S)
        ended = begun - int(scheduler.activeJobs().size())
        (folder / COUNTS).write_text(json.dumps({"begun": begun, "ended": ended}))
        os.killpg(os.getpgid(0), signal.SIGKILL)

    if job < math.inf:
        Thread(target=watch, daemon=True).start()
    with as_of_a_crawl():
        go_on(spark, folder / "root")


if __name__ == "__main__":
    main()
