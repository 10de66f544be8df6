"""A whole run whose recipe has [passages]: the stage takes its place between dedup and publish, and leaves it when the section goes."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.explain.story import explain
from jobs.passages.settings import Bff, CcnetLines, Passages, Substrings
from jobs.recipe.recipe import Recipe
from jobs.report.gather import gather
from tests.runs import Finished, changed, context, rows, run, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
PASSAGES = Passages(ccnet_lines=CcnetLines(keep="first"), bff=Bff(), substrings=Substrings(min_tokens=20))


@pytest.fixture
def inputs(finished: Finished) -> list[Path]:
    return list(finished.inputs)


@pytest.fixture(scope="module")
def cut(
    spark: "SparkSession", finished: Finished, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, dict[str, Any]]]:
    root = finished.copy(tmp_path_factory.mktemp("passages") / "root")
    return root, run(spark, with_passages(list(finished.inputs)), root)


def with_passages(inputs: list[Path]) -> Recipe:
    return changed(tiny(inputs), passages=PASSAGES)


def test_the_stage_stands_between_dedup_and_publish_in_ledger_report_and_explain(
    spark: "SparkSession", cut: tuple[Path, dict[str, dict[str, Any]]], inputs: list[Path]
) -> None:
    root, stages = cut
    assert list(stages) == ["extract", "annotate", "filter", "dedup", "passages", "publish"]
    assert stages["passages"]["ledger"]["in"] == stages["dedup"]["ledger"]["kept"] > 0
    assert stages["publish"]["ledger"]["in"] == stages["passages"]["ledger"]["kept"] > 0
    shorter = [row for row in rows(root, "decisions/passages") if row["removed_characters"] and row["outcome"] == "kept"]
    assert shorter, "the sample's pages share text"
    made = context(spark, with_passages(inputs), root)
    report = gather(made)
    assert [(stage.name, stage.recorded) for stage in report.stages] == [
        (name, "") for name in ("extract", "annotate", "filter", "dedup", "passages", "publish")
    ]
    story = explain(made, shorter[0]["id"])
    assert f"passages  kept: {shorter[0]['removed_characters']:,} characters cut" in "\n".join(story)


def test_without_the_section_what_the_stage_left_counts_for_nothing_and_whole_texts_are_published(
    spark: "SparkSession", cut: tuple[Path, dict[str, dict[str, Any]]], inputs: list[Path], tmp_path: Path
) -> None:
    root = tmp_path / "run"
    shutil.copytree(cut[0], root)
    with pytest.raises(RecipeError, match=r"--from passages: the recipe's runs have no such stage; nothing was run"):
        run(spark, tiny(inputs), root, start="passages")
    stages = run(spark, tiny(inputs), root)
    assert list(stages) == ["extract", "annotate", "filter", "dedup", "publish"]
    assert "passages" not in "\n".join(explain(context(spark, tiny(inputs), root), next(iter(rows(root, "corpus")))["id"]))
    assert stages["publish"]["ledger"]["in"] == stages["dedup"]["ledger"]["kept"]
    before, after = ({row["id"]: row["text"] for row in rows(place, "corpus")} for place in (cut[0], root))
    assert sum(map(len, after.values())) > sum(map(len, before.values()))
