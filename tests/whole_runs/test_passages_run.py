"""A whole run whose recipe has [parts]: the stage takes its place between dedup and publish, and leaves it when the section goes."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.root import Root
from jobs.explain.story import explain
from jobs.passages.settings import Bff, CcnetLines, Parts, Substrings
from jobs.recipe.load import Recipe, RecipeError
from jobs.report.gather import gather
from tests.runs import Finished, rows, run, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
PARTS = Parts(ccnet_lines=CcnetLines(keep="first"), bff=Bff(), substrings=Substrings(min_tokens=20))


@pytest.fixture
def inputs(finished: Finished) -> list[Path]:
    return list(finished.inputs)


@pytest.fixture(scope="module")
def parted(
    spark: "SparkSession", finished: Finished, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, dict[str, Any]]]:
    root = finished.copy(tmp_path_factory.mktemp("parts") / "root")
    return root, run(spark, with_parts(list(finished.inputs)), root)


def with_parts(inputs: list[Path]) -> Recipe:
    return tiny(inputs).model_copy(update={"parts": PARTS})


def test_the_stage_stands_between_dedup_and_publish_in_ledger_report_and_explain(
    spark: "SparkSession", parted: tuple[Path, dict[str, dict[str, Any]]], inputs: list[Path]
) -> None:
    root, stages = parted
    assert list(stages) == ["extract", "annotate", "filter", "dedup", "parts", "publish"]
    assert stages["parts"]["ledger"]["in"] == stages["dedup"]["ledger"]["kept"] > 0
    assert stages["publish"]["ledger"]["in"] == stages["parts"]["ledger"]["kept"] > 0
    cut = [row for row in rows(root, "decisions/parts") if row["removed_characters"] and row["outcome"] == "kept"]
    assert cut, "the sample's pages share text"
    report = gather(spark, str(root), with_parts(inputs))
    assert [(stage.name, stage.recorded) for stage in report.stages] == [
        (name, "") for name in ("extract", "filter", "dedup", "parts", "publish")
    ]
    story = explain(Root(spark, str(root)), cut[0]["id"])
    assert f"parts     kept: {cut[0]['removed_characters']:,} characters cut" in "\n".join(story)


def test_without_the_section_nothing_of_the_stage_is_left_and_whole_texts_are_published(
    spark: "SparkSession", parted: tuple[Path, dict[str, dict[str, Any]]], inputs: list[Path], tmp_path: Path
) -> None:
    root = tmp_path / "run"
    shutil.copytree(parted[0], root)
    with pytest.raises(RecipeError, match=r"--from parts: the recipe has no section \[parts\]"):
        run(spark, tiny(inputs), root, start="parts")
    stages = run(spark, tiny(inputs), root)
    assert list(stages) == ["extract", "annotate", "filter", "dedup", "publish"]
    assert not any((root / name).exists() for name in ("parts", "decisions/parts", "edits/parts"))
    assert stages["publish"]["ledger"]["in"] == stages["dedup"]["ledger"]["kept"]
    before, after = ({row["id"]: row["text"] for row in rows(place, "corpus")} for place in (parted[0], root))
    assert sum(map(len, after.values())) > sum(map(len, before.values()))
