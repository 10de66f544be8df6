"""What a run asks of the store grows with chunks, by a small number, and never with files."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine import documents
from jobs.engine.plan import Plan, by_count, grow, write_plan
from jobs.engine.root import Root
from jobs.engine.runner import finished, run_stages
from jobs.engine.same_recipe import check_same_recipe
from jobs.recipe.recipe import Recipe
from tests.engine.counting_store import anew, counted, local, made_up, paths
from tests.runs import changed, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CHUNKS = 300
FEW = 20  # requests of a run, however many chunks it has
MOST = 12  # requests for a chunk, over a whole run


def recipe_over(files: int) -> Recipe:
    return changed(tiny([]), run={"input": paths(CHUNKS, files), "chunk_files": files})


def planned_again(root: Root, files: int) -> Plan:
    """Plan as a run does, without a file of the input that is asked for anything."""
    every = paths(CHUNKS, files)
    known = documents.planned(root)
    return grow(
        root, wanted=every, stored=known, named=every, again=False, groups=by_count(files), split=lambda whole: (whole,)
    )


@pytest.mark.parametrize("files", [1, 50])
def test_a_finished_run_reads_each_marker_of_a_table_once(tmp_path: Path, files: int) -> None:
    context = made_up(local(tmp_path), recipe_over(files), chunks=CHUNKS, files=files)
    store = counted(context.root)
    check_same_recipe(context, start=None)
    plan = planned_again(context.root, files)
    write_plan(context.root, plan)
    assert (len(plan.known), plan.added, plan.retried) == (CHUNKS, {}, ())
    for _ in range(2):
        assert [stage.name for stage in context.stages if finished(context, stage) is None] == []
        assert documents.still_failed(context.root) == []
        assert len(documents.content(context.root)) == CHUNKS
    table = CHUNKS + 2  # its listing, a request for each chunk, and the stage's own marker
    assert {name: asked for name, asked in store.asked.items() if asked > 2} == {
        "plan": CHUNKS + 1,
        "documents": table,
        "signals": table,
    }
    assert store.asked.total() <= 3 * CHUNKS + FEW <= MOST * CHUNKS


@pytest.mark.parametrize("files", [2, 50])
def test_files_that_could_not_be_read_cost_a_request_for_their_new_chunk_and_none_of_their_own(
    tmp_path: Path, files: int
) -> None:
    context = made_up(local(tmp_path), recipe_over(files), chunks=CHUNKS, files=files, failed=(3, 7, 200))
    store = counted(context.root)
    lost = [f"s3://commoncrawl/{chunk * files:06d}.warc.gz" for chunk in (3, 7, 200)]
    assert [path for _, path in documents.still_failed(context.root)] == lost
    plan = planned_again(context.root, files)
    write_plan(context.root, plan)
    assert sorted(plan.retried) == lost
    assert documents.pending(context.root, context.job(context.source).how()) == list(plan.added)
    assert store.asked == {"plan": CHUNKS + 1 + len(plan.added), "documents": CHUNKS + 1, "accepted.json": 1}


@pytest.mark.spark
@pytest.mark.parametrize("files", [1, 50])
def test_a_whole_run_that_finds_all_finished_asks_for_no_file_and_runs_no_job(
    spark: "SparkSession", tmp_path: Path, files: int
) -> None:
    context = made_up(Root(spark, str(tmp_path)), recipe_over(files), chunks=CHUNKS, files=files)
    store = counted(context.root)
    tracker = spark.sparkContext.statusTracker()
    before = {stage.name: set(tracker.getJobIdsForGroup(stage.name)) for stage in context.stages}
    markers = run_stages(context)
    assert list(markers) == [stage.name for stage in context.stages]
    assert {stage.name: set(tracker.getJobIdsForGroup(stage.name)) for stage in context.stages} == before
    assert store.asked.total() <= 3 * CHUNKS + FEW
    assert documents.still_failed(anew(context.root)) == []
