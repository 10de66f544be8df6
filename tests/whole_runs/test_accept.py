"""--accept: finished work is kept though it was done otherwise, and the root says that a user wanted it so."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.runner import run_stages
from jobs.engine.stage import Stage
from jobs.recipe.recipe import Recipe
from tests.runs import Finished, changed, context, run, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


@pytest.fixture
def root(finished: Finished, tmp_path: Path) -> Path:
    return finished.copy(tmp_path / "root")


def files(root: Path) -> dict[str, int]:
    """Say when every file of a root was written, but for those that each run writes."""
    every = (path for path in root.rglob("*") if path.is_file() and path.name not in ("recipe.json", "accepted.json"))
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in every}


def accepted(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "accepted.json").read_text("utf-8"))
    return found


def test_costly_work_that_was_done_otherwise_is_kept_when_a_user_says_so_and_the_next_run_goes_on_quietly(
    spark: "SparkSession", finished: Finished, root: Path
) -> None:
    slower = changed(tiny(list(finished.inputs)), extract={"max_cpu_s": 6.0})
    with pytest.raises(RecipeError, match=r"3 chunk\(s\) whose extract was done otherwise.*--from extract.*--accept extract"):
        run(spark, slower, root)
    before = files(root)
    assert run(spark, slower, root, accepted="extract") == finished.markers
    assert files(root) == before
    how = finished.markers["extract"]["how"]
    (log,) = accepted(root)["log"]
    (stands_for,) = accepted(root)["extract"].values()
    assert (log["stage"], stands_for, log["accepted"]) == ("extract", how, accepted(root)["extract"])
    assert run(spark, slower, root) == finished.markers
    assert files(root) == before

    other = changed(slower, extract={"max_cpu_s": 7.0})
    with pytest.raises(RecipeError, match=r"max_cpu_s: 6\.0 -> 7\.0"):
        run(spark, other, root)  # what was accepted is that one change


@pytest.mark.parametrize("name", ["extract", "annotate", "filter", "dedup", "publish"])
def test_a_new_revision_of_any_stage_can_be_accepted(
    spark: "SparkSession", finished: Finished, root: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "annotate":
        raise_sets(monkeypatch)
    before = files(root)
    recipe = tiny(list(finished.inputs))
    assert stale(made(spark, recipe, root, name)) == {name} | set(after(finished, name))
    assert run_stages(made(spark, recipe, root, name), accepted=name) == finished.markers
    assert run_stages(made(spark, recipe, root, name)) == finished.markers
    assert files(root) == before


def raise_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every set of signals the next revision."""
    from udfs.signals.sets import BY_NAME

    for name, one in list(BY_NAME.items()):
        monkeypatch.setitem(BY_NAME, name, replace(one, revision=one.revision + 1))


def made(spark: "SparkSession", recipe: Recipe, root: Path, name: str) -> Context:
    """Make a context whose stage of that name has the next revision."""
    found = context(spark, recipe, root)

    def raised(stage: Stage[Any]) -> Stage[Any]:
        return replace(stage, revision=stage.revision + 1) if stage.name == name != "annotate" else stage

    return replace(found, stages=tuple(raised(stage) for stage in found.stages))


def stale(context: Context) -> set[str]:
    from jobs.engine.runner import finished

    return {stage.name for stage in context.stages if finished(context, stage) is None}


def after(finished: Finished, name: str) -> list[str]:
    names = list(finished.markers)
    return names[names.index(name) + 1 :]


def test_a_cheap_stage_is_kept_too_and_what_rests_on_it(spark: "SparkSession", finished: Finished, root: Path) -> None:
    stricter = changed(tiny(list(finished.inputs)), filter=[{"reason": "few_words", "keep": "word_count >= 100"}])
    before = files(root)
    assert run(spark, stricter, root, accepted="filter") == finished.markers
    assert run(spark, stricter, root) == finished.markers
    assert files(root) == before


def test_there_must_be_something_to_accept(spark: "SparkSession", finished: Finished, root: Path) -> None:
    for name in ("extract", "filter"):
        with pytest.raises(
            RecipeError, match=f"--accept {name}: .* holds no finished work of that stage which was done otherwise"
        ):
            run(spark, tiny(list(finished.inputs)), root, accepted=name)
    with pytest.raises(RecipeError, match="--accept passages: the recipe's runs have no such stage; nothing was run"):
        run(spark, tiny(list(finished.inputs)), root, accepted="passages")
    assert not (root / "accepted.json").exists()
