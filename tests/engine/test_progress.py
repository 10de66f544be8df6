"""Progress: what is reckoned from finished chunks, lines in a log, a bar that moves, and job groups that a failure does not leave."""

import io
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from jobs.engine import progress as module
from jobs.engine.chunks import run_chunks
from jobs.engine.job import Context
from jobs.engine.progress import Counts, Progress, name_jobs
from jobs.engine.root import Root
from tests.runs import context, tiny
from tests.waiting import Held, held, wait_for

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CHUNKS = {"00000": "f", "00001": "f"}
STATUS_S = (
    0.3  # Spark takes note of a stage ten times a second; of a change that comes too soon it tells only after ten seconds
)


def at(*seconds: float) -> Counts:
    """Make counts whose clock reads these seconds, one after another, and the last one for ever."""
    left = list(seconds)
    return Counts("extract", clock=lambda: left.pop(0) if len(left) > 1 else left[0])


def test_rates_and_the_time_left_come_from_the_chunks_of_this_run() -> None:
    counts = at(0, 1000, 1060, 1120, 1150)
    counts.start_chunks(10, done=4)
    counts.chunk_done(pages=3000, kept=900)
    counts.chunk_done(pages=3000, kept=600)
    counts.tasks, counts.tasks_done = 200, 50
    # 2 of 6 chunks in 120 s, so 240 s from the last of them on, of which 30 are over
    assert counts.told() == "6/10 chunks, 50/200 tasks, 50.0 pages/s, 25.0% kept, 4 min left"
    assert counts.seconds_left() == 210
    assert counts.share() == 0.625


def test_nothing_is_reckoned_before_this_run_has_finished_a_chunk() -> None:
    counts = at(0, 10, 500)
    counts.start_chunks(10, done=9)
    assert (counts.told(), counts.seconds_left(), counts.share()) == ("9/10 chunks", None, 0.9)


def test_a_stage_that_decides_nothing_says_no_share_kept_and_one_without_pages_no_rate() -> None:
    counts = at(0, 0, 10)
    counts.start_chunks(2, done=0)
    counts.chunk_done(pages=50, kept=None)
    assert counts.told() == "1/2 chunks, 5.0 pages/s, 10 s left"
    empty = at(0, 0, 10)
    empty.start_chunks(1, done=0)
    empty.chunk_done(pages=0, kept=None)
    assert empty.told() == "1/1 chunks"


def test_a_stage_without_chunks_is_as_far_as_the_jobs_under_way() -> None:
    counts = Counts("dedup")
    assert (counts.told(), counts.share()) == ("on the driver", 0.0)
    counts.tasks, counts.tasks_done = 1600, 400
    assert (counts.told(), counts.share()) == ("400/1,600 tasks", 0.25)


@pytest.mark.spark
@pytest.mark.parametrize("terminal", [False, True])
def test_any_stage_shows_its_tasks_moving_in_a_log_and_on_a_terminal(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setattr(module, "LOG_EVERY_S", 0.02)
    monkeypatch.setattr(module, "POLL_EVERY_S", 0.02)
    progress, out = Progress(), io.StringIO()
    progress.console = Console(file=out, force_terminal=terminal, width=120, soft_wrap=True, highlight=False)
    with (
        progress.stage("filter", root=Root(spark, str(tmp_path))),
        held(tmp_path / "tasks") as tasks,
        ThreadPoolExecutor(1) as pool,
    ):
        running = pool.submit(in_stage, spark, "filter", tasks, 6)
        assert wait_for(lambda: "0/6 tasks" in out.getvalue() and tasks.begun() == [0, 1]), out.getvalue()
        time.sleep(STATUS_S)
        tasks.let_go(0)
        assert wait_for(lambda: "1/6 tasks" in out.getvalue()), out.getvalue()
        tasks.let_go()
        running.result()
    told = out.getvalue()
    if terminal:
        assert "━" in told
    else:
        first = next(line for line in told.splitlines() if "tasks" in line)
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ filter    \d/6 tasks", first)
    assert "progress" not in {thread.name for thread in threading.enumerate()}, "nobody polls a stage that has ended"


def in_stage(spark: "SparkSession", stage: str, held: Held, tasks: int) -> None:
    """Run tasks that wait, from another thread, in the group of a stage."""
    name_jobs(spark.sparkContext, stage)
    held.run(spark, tasks=tasks)


@pytest.fixture
def run(spark: "SparkSession", tmp_path: Path) -> Context:
    return context(spark, tiny([tmp_path / "none.warc.gz"]), tmp_path / "root")


@pytest.mark.spark
def test_chunks_run_in_the_group_of_their_stage_and_tell_what_they_held(spark: "SparkSession", run: Context) -> None:
    sc, seen = spark.sparkContext, {}
    run.root.write_json("documents/_chunks/00001.json", {"kept": 7})

    def work(chunk: str) -> dict[str, Any]:
        seen[chunk] = sc.getLocalProperty("spark.jobGroup.id"), sc.getLocalProperty("spark.job.description")
        spark.range(3).count()
        return {"pages": 5, "kept": 2} if chunk == "00000" else {}

    with run.progress.stage("annotate", root=run.root) as counts:
        assert run_chunks(run, folder="signals", fingerprints=CHUNKS, work=work, at_once=2) == 2
        assert (counts.done, counts.pages, counts.kept) == (2, 12, 2)
        assert run_chunks(run, folder="signals", fingerprints=CHUNKS, work=work) == 0
        assert (counts.done, counts.done_now) == (2, 0)
    assert seen == {"00000": ("annotate", "annotate chunk 00000"), "00001": ("annotate", "annotate chunk 00001")}
    assert set(sc.statusTracker().getJobIdsForGroup("annotate")) > set()


@pytest.mark.spark
def test_a_chunk_that_fails_ends_its_companions_jobs_and_no_others_of_the_group(
    spark: "SparkSession", run: Context, tmp_path: Path
) -> None:
    with held(tmp_path / "bystander") as bystander, held(tmp_path / "companion") as companion, ThreadPoolExecutor(1) as pool:

        def work(chunk: str) -> dict[str, Any]:
            if chunk == "00000":
                assert wait_for(lambda: bystander.begun() and companion.begun())
                raise ValueError("this chunk is broken")
            companion.run(spark, tasks=1)
            return {}

        name_jobs(spark.sparkContext, "extract")
        other = pool.submit(in_stage, spark, "extract", bystander, 1)  # the other core is the companion's
        with pytest.raises(ValueError, match="this chunk is broken"):
            run_chunks(run, folder="documents", fingerprints=CHUNKS, work=work, at_once=2)
        assert not companion.given_up, "the companion's job was ended, not waited for"
        bystander.let_go()
        other.result()
    assert run.root.names("documents/_chunks") == []
