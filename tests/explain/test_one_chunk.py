"""Explain finds a page by addresses and ids, and reads the text of its chunk alone."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from jobs.contexts import stored_context
from jobs.engine import documents
from jobs.explain import story
from tests.runs import Finished, rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark


def test_explain_reads_the_text_of_one_chunk(
    spark: "SparkSession", finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = stored_context(spark, str(finished.root))
    lost = next(row for row in rows(finished.root, "decisions/dedup", without=()) if row["reason"] == "near_duplicate")
    plans: list[Any] = [
        story.places(context, page)._jdf.queryExecution().executedPlan().toString()
        for page in (lost["id"], "https://example.org/")
    ]
    assert all("ReadSchema: struct<id:string" in plan and "text:string" not in plan for plan in plans)
    assert ["url:string" in plan for plan in plans] == [False, True]  # the id of a capture is no URL

    asked: list[Any] = []

    def noted(root: Any, some: Any = None) -> "DataFrame":
        asked.append(some)
        return documents.documents(root, some)

    for module in ("jobs.explain.story", "jobs.dedup.story"):  # the package's own `story` is a function
        monkeypatch.setattr(import_module(module), "documents", noted)
    told = "\n".join(story.explain(context, lost["id"]))
    chunks = {row["id"]: f"{row['chunk']:05d}" for row in rows(finished.root, "decisions/dedup", without=())}
    assert asked == [None, [chunks[lost["id"]]], chunks[lost["duplicate_of"]]]
    assert f"to {lost['duplicate_of']}, which was kept" in told
