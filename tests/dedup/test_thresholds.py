"""Another threshold decides anew over the order and the keys that are there."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.dedup import STAGE
from jobs.dedup.stage import folders
from jobs.dedup.tables import DECISIONS
from jobs.engine.job import Context
from jobs.engine.root import Root
from jobs.engine.runner import finished
from tests.dedup.oracle import SETTINGS, best_first, corpus, sequential
from tests.dedup.small_run import context, dedup_recipe, run_dedup, write_decided

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.spark
def test_another_threshold_keeps_the_order_and_the_keys_and_takes_the_old_rounds_away(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.dedup.in_memory.DOCUMENTS", 0)  # a small dedup keeps no tables
    docs = corpus(34, groups=20)

    def given(min_similarity: float) -> Context:
        near = {"min_similarity": min_similarity, "measure": "jaccard"}
        return context(Root(spark, str(tmp_path)), dedup_recipe(near_duplicates=near))

    def files(folder: str) -> dict[str, int]:
        found = (path for path in (tmp_path / folder).rglob("*") if path.is_file())
        return {str(path.relative_to(tmp_path)): path.stat().st_mtime_ns for path in sorted(found)}

    def kept(now: Context) -> set[str]:
        return {row["id"] for row in now.root.read(DECISIONS).where("outcome = 'kept'").collect()}

    first = given(0.6)
    write_decided(first, docs)
    run_dedup(first)
    order, rounds = folders(first.job(STAGE))
    made = {name: at for name, at in files(order).items() if not name.startswith(f"{order}/{rounds}/")}
    assert {name.split("/")[2] for name in made} == {"order", "order.json", "same", "buckets", "contested", "keys.json"}
    assert kept(first) == sequential(sorted(docs, key=best_first), SETTINGS)
    then = given(0.9)
    assert finished(then, STAGE) is None
    run_dedup(then)
    assert folders(then.job(STAGE))[0] == order and files(f"{order}/{rounds}") == {}
    assert {name: at for name, at in files(order).items() if name in made} == made
    assert then.root.names("dedup") == [order.removeprefix("dedup/")]
    assert SETTINGS.near_duplicates is not None
    strict = SETTINGS.model_copy(
        update={"near_duplicates": SETTINGS.near_duplicates.model_copy(update={"min_similarity": 0.9})}
    )
    assert kept(then) == sequential(sorted(docs, key=best_first), strict)
    assert len(kept(then)) > len(sequential(sorted(docs, key=best_first), SETTINGS))
