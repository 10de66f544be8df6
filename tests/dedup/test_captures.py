"""Captures of one URL are duplicates only if their texts are alike: the join against the pass that asks so."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.dedup import index as dedup_index
from jobs.dedup.settings import Dedup
from jobs.engine.root import Root
from tests.dedup.oracle import MINHASH, SETTINGS, WORK, Decisions, best_first, check_witnesses, corpus, dedup, kept, sequential
from tests.dedup.small_root import Doc

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

ASKING = SETTINGS.model_copy(update={"min_url_similarity": 0.3})


def captured(seed: int, *, groups: int) -> list[Doc]:
    """Make a corpus in which every second document is a capture of one of a few URLs, of its family's mostly."""
    rng = random.Random(seed)

    def url(doc: Doc) -> str:
        family = int(doc.id.split("-")[1])
        return f"shared{family // 2 if rng.random() < 0.8 else rng.randrange(groups)}"

    return [replace(doc, url_key=url(doc)) if rng.random() < 0.5 else doc for doc in corpus(seed, groups=groups)]


def check(docs: Sequence[Doc], decisions: Decisions, settings: Dedup) -> None:
    """Hold decisions against the pass in survivor order, and ask that the texts of captures made a difference both ways."""
    assert kept(decisions) == sequential(sorted(docs, key=best_first), settings)
    check_witnesses(docs, decisions, settings)
    blind = sequential(sorted(docs, key=best_first), settings.model_copy(update={"min_url_similarity": 0.0}))
    assert len(kept(decisions)) > len(blind)
    measured = [row["similarity"] for row in decisions.values() if row["reason"] == "exact_url"]
    assert any(float(str(similarity)) < 1 for similarity in measured)


@pytest.mark.parametrize("update", [{}, {"exact_text": False}, {"near_duplicates": None}])
def test_the_join_asks_the_texts_as_one_pass_would(spark: "SparkSession", tmp_path: Path, update: dict[str, object]) -> None:
    docs = captured(21, groups=40)
    settings = ASKING.model_copy(update=update)
    decisions = dedup(spark, tmp_path, docs, settings)
    check(docs, decisions, settings)


@pytest.mark.usefixtures("stepwise")
def test_the_way_of_large_runs_asks_the_same(spark: "SparkSession", tmp_path: Path) -> None:
    docs = captured(22, groups=24)
    decisions = dedup(spark, tmp_path, docs, ASKING)
    check(docs, decisions, ASKING)
    assert len(list(tmp_path.glob("dedup/test/near/round=*/captures"))) > 2


def test_the_captures_of_published_dumps_are_asked_too(spark: "SparkSession", tmp_path: Path) -> None:
    settings = ASKING.model_copy(update={"scope": "global", "index": str(tmp_path / "index")})
    every = captured(23, groups=30)
    docs = {"a": every[::2], "b": every[1::2]}
    decisions = {}
    for dump in ("a", "b"):
        root = Root(spark, str(tmp_path / dump))
        against = dedup_index.against(root, settings=settings, minhash=MINHASH, own=dump)
        decisions[dump] = dedup(spark, tmp_path / dump, docs[dump], settings, against)
        stays = spark.createDataFrame([(page,) for page in sorted(kept(decisions[dump]))], "id string")
        dedup_index.publish(root, WORK, settings=settings, minhash=MINHASH, own=dump, kept=stays, compared=against)
    in_one_go = sequential([*sorted(docs["a"], key=best_first), *sorted(docs["b"], key=best_first)], settings)
    assert kept(decisions["a"]) | kept(decisions["b"]) == in_one_go
    check_witnesses(docs["b"], decisions["b"], settings, [doc for doc in docs["a"] if doc.id in in_one_go])
    assert any(row["duplicate_dump"] == "a" and row["reason"] == "exact_url" for row in decisions["b"].values())


def test_of_very_many_captures_the_best_are_compared(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies behind them still go by their text."""
    monkeypatch.setattr("jobs.dedup.keys.MOST_CAPTURES", 2)
    text = "one two three four five six seven eight nine ten"
    docs = [
        Doc(f"<{n}>", f"{text} {chr(97 + n)}a {chr(97 + n)}b {chr(97 + n)}c {chr(97 + n)}d", "u", quality=1 - n / 10)
        for n in range(4)
    ]
    decisions = dedup(spark, tmp_path, docs, SETTINGS.model_copy(update={"near_duplicates": None}))
    assert kept(decisions) == {"<0>", "<2>", "<3>"}
