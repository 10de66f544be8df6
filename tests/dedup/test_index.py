"""Dedup against the index of published dumps: as if all dumps were deduplicated in one go."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.dedup import index as dedup_index
from jobs.engine.errors import RecipeError
from jobs.engine.root import Root
from tests.dedup.oracle import MINHASH, SETTINGS, WORK, best_first, check_witnesses, corpus, dedup, kept, sequential

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_a_dump_gives_way_to_published_ones_as_if_both_were_one_go(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the way of large dumps: keys meet slice by slice, candidates come in portions, and nothing of theirs is broadcast."""
    monkeypatch.setattr("jobs.dedup.index_keys.KEYS_AT_ONCE", 2_000)
    monkeypatch.setattr("jobs.dedup.compare.CANDIDATES_AT_ONCE", 1)
    monkeypatch.setattr("jobs.engine.facts_of_texts.BROADCAST_ROWS", 0)
    settings = SETTINGS.model_copy(update={"scope": "global", "index": str(tmp_path / "index")})
    every = corpus(10, groups=60)
    docs = {"a": every[::2], "b": every[1::2]}
    decisions = {}
    for dump in ("a", "b"):
        root = Root(spark, str(tmp_path / dump))
        against = dedup_index.against(root, settings=settings, minhash=MINHASH, own=dump)
        assert [published.name for published in against] == {"a": [], "b": ["a"]}[dump]
        decisions[dump] = dedup(spark, tmp_path / dump, docs[dump], settings, against)
        ids = [(page,) for page in sorted(kept(decisions[dump]))]
        stays = spark.createDataFrame(ids, "id string")
        dedup_index.publish(root, WORK, settings=settings, minhash=MINHASH, own=dump, kept=stays, compared=against)
    in_one_go = sequential([*sorted(docs["a"], key=best_first), *sorted(docs["b"], key=best_first)], settings)
    assert kept(decisions["a"]) | kept(decisions["b"]) == in_one_go
    published = [doc for doc in docs["a"] if doc.id in in_one_go]
    check_witnesses(docs["b"], decisions["b"], settings, published)
    assert any(row["duplicate_dump"] == "a" for row in decisions["b"].values())
    # the first dump, run again, does not give way to the one that gave way to it
    assert dedup_index.against(Root(spark, str(tmp_path / "a")), settings=settings, minhash=MINHASH, own="a") == ()


def test_signatures_of_another_kind_are_not_compared(spark: "SparkSession", tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"scope": "global", "index": str(tmp_path / "index")})
    docs = corpus(11, groups=3)
    dedup(spark, tmp_path / "a", docs, settings)
    root = Root(spark, str(tmp_path / "a"))
    ids = spark.createDataFrame([(doc.id,) for doc in docs], "id string")
    dedup_index.publish(root, WORK, settings=settings, minhash=MINHASH, own="a", kept=ids, compared=())
    other = MINHASH.model_copy(update={"seed": 7})
    with pytest.raises(RecipeError, match=r"dump a has signatures of another kind.*seed: 1 there, 7 here"):
        dedup_index.against(root, settings=settings, minhash=other, own="b")
