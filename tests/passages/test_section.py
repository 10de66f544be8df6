"""[passages] in a recipe and out of it: what was found stays where it is, and is there when the section comes back."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.job import Context
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from tests.dedup.small_root import Doc
from tests.dedup.small_run import context, recipe, write_decided
from tests.runs import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DOCS = [
    Doc("<a>", "One line that two have.\nThe mill stands at the river.", "a"),
    Doc("<b>", "One line that two have.\nThe wheel turns all year.", "b"),
]


@pytest.mark.spark
def test_a_recipe_that_loses_its_passages_deletes_nothing_and_finds_them_finished_when_it_has_them_again(
    spark: "SparkSession", tmp_path: Path
) -> None:
    def given(*, passages: bool) -> Context:
        section: dict[str, Any] = {"passages": {"ccnet_lines": {}}} if passages else {}
        return context(Root(spark, str(tmp_path)), recipe(annotate={"quality": [{"model": "none"}]}, **section))

    def files() -> dict[str, int]:
        found = (path for name in ("passages", "decisions/passages", "edits") for path in (tmp_path / name).rglob("*"))
        return {str(path.relative_to(tmp_path)): path.stat().st_mtime_ns for path in sorted(found) if path.is_file()}

    def texts() -> list[str]:
        return [row["text"] for row in rows(tmp_path, "corpus")]

    write_decided(given(passages=True), DOCS)
    run_stages(given(passages=True))
    before, cut = files(), ["The mill stands at the river.", "The wheel turns all year."]
    assert {name.split("/")[0] for name in before} == {"passages", "decisions", "edits"} and texts() == cut
    run_stages(given(passages=False))
    assert texts() == [doc.text for doc in DOCS] and files() == before
    run_stages(given(passages=True))
    assert texts() == cut and files() == before
