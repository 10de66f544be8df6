"""A fingerprint changes with what decides a stage's rows, and with nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Context
from jobs.engine.models import ModelFile
from jobs.engine.stage import Stage
from jobs.recipe.recipe import Recipe
from jobs.stages import STAGES
from tests.runs import changed, context, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAMES = ("extract", "annotate", "filter", "dedup", "publish")
OTHER = ModelFile("lid.176.ftz", "/elsewhere/lid.176.ftz", "0" * 64)


def test_the_order_of_keys_does_not_matter_and_values_do() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def keys(run: Context) -> dict[str, str]:
    """Give the fingerprint of every stage's result."""
    return {stage.name: run.job(stage).key() for stage in run.stages}


def differing(before: Context, after: Context) -> tuple[str, ...]:
    """Name the stages whose results have another fingerprint."""
    now = keys(after)
    return tuple(name for name, key in keys(before).items() if now.get(name) != key)


@pytest.fixture
def run(spark: "SparkSession", tmp_path: Path) -> Context:
    return context(spark, tiny([tmp_path / "a.warc.gz"]), tmp_path / "root")


def other(run: Context, recipe: Recipe) -> Context:
    return replace(run, recipe=recipe, pins={})


@pytest.mark.spark
@pytest.mark.parametrize(
    ("sections", "stale"),
    [
        ({"extract": {"max_cpu_s": 6.0}}, NAMES),
        ({"annotate": {"line_edits": "none"}}, NAMES[1:]),
        ({"filter": [{"reason": "few_words", "keep": "word_count > 9"}]}, NAMES[2:]),
        ({"dedup": {"exact_text": False}}, NAMES[3:]),
        ({"publish": {"columns": ["title"]}}, NAMES[4:]),
        # what decides no row
        ({"dedup": {"alarm": {"max_removed": 0.5}}}, ()),
        ({"run": {"chunk_files": 7, "max_readers": 3, "split_mb": 1}}, ()),
        ({"prices": {"core_hour": 9.0}, "report": {"samples": 9}}, ()),
        ({"filter": [{**rule, "source": "elsewhere"} for rule in tiny([]).as_json()["filter"]]}, ()),
    ],
    ids=lambda value: "-".join(value),
)
def test_a_setting_makes_its_own_stage_stale_and_those_that_need_it(
    run: Context, sections: dict[str, Any], stale: tuple[str, ...]
) -> None:
    assert differing(run, other(run, changed(run.recipe, **sections))) == stale


@pytest.mark.spark
@pytest.mark.parametrize(("name", "stale"), [(name, NAMES[place:]) for place, name in enumerate(NAMES) if name != "annotate"])
def test_a_new_revision_makes_its_own_stage_stale_and_those_that_need_it(
    run: Context, name: str, stale: tuple[str, ...]
) -> None:
    assert differing(run, replace(run, stages=raised(run.stages, name))) == stale


def raised(stages: tuple[Stage[Any], ...], name: str) -> tuple[Stage[Any], ...]:
    """Give one stage the next revision."""
    return tuple(replace(stage, revision=stage.revision + 1) if stage.name == name else stage for stage in stages)


@pytest.mark.spark
def test_another_model_or_package_makes_its_stage_stale(run: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    assert differing(run, replace(run, models={**run.models, "annotate": {"language": OTHER}})) == NAMES[1:]
    before = keys(run)
    monkeypatch.setattr("jobs.engine.job.package_versions", lambda names: dict.fromkeys(names, "0.0"))
    after = keys(run)
    assert tuple(name for name in NAMES if after[name] != before[name]) == NAMES  # extract names packages, and all rest on it


@pytest.mark.spark
def test_what_a_stage_pinned_outside_the_root_makes_it_stale(run: Context) -> None:
    assert differing(run, replace(run, pins={"dedup": [{"dump": "CC-MAIN-2026-26"}]})) == NAMES[3:]


@pytest.mark.spark
def test_the_path_of_a_model_or_of_the_root_decides_nothing(spark: "SparkSession", run: Context, tmp_path: Path) -> None:
    moved = {stage: {role: replace(m, path="/x") for role, m in roles.items()} for stage, roles in run.models.items()}
    assert differing(run, replace(run, models=moved)) == ()
    assert differing(run, context(spark, run.recipe, tmp_path / "elsewhere")) == ()


def test_every_stage_has_a_revision() -> None:
    assert [stage.name for stage in STAGES if stage.revision < 1] == []
