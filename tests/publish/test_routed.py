"""Texts meet their facts and their files: the same partitions however many there are, and no broadcast that grows with facts."""

from typing import TYPE_CHECKING

import pytest

from jobs.engine import facts_of_texts
from jobs.engine.facts_of_texts import with_facts
from jobs.publish.routed import Slots, routed, slots_of
from tests.whole_runs.test_run import exchanges

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark
FACTS = "id string, language string, token_count bigint, edits string"


def test_the_files_are_the_same_by_either_way_and_facts_of_many_documents_are_not_broadcast(
    spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    languages = ("de", "en", "en", "en", "ja")
    facts = spark.createDataFrame([(f"d{n}", languages[n % 5], 100, f"edits {n}") for n in range(200)], FACTS)
    texts = spark.createDataFrame([(f"d{n}", f"text {n}") for n in range(300)], "id string, text string")
    slots = slots_of(facts, file_bytes=10_000)
    assert slots == Slots((("de", 0, 2), ("en", 2, 5), ("ja", 7, 2)), documents=200)
    found = {}
    for way, few, moves, through in (("broadcast", 1_000, 1, ["BroadcastExchange"]), ("shuffle", 10, 2, [])):
        monkeypatch.setattr(facts_of_texts, "BROADCAST_ROWS", few)
        rows = routed(texts, facts, slots)
        assert (way, exchanges(spark, rows, "text")) == (way, ["Exchange"] * moves)
        assert (way, [name for name in exchanges(spark, rows, "edits") if name.startswith("Broadcast")]) == (way, through)
        found[way] = partitions(rows)
    assert found["broadcast"] == found["shuffle"]
    assert sorted(found["broadcast"]) == list(range(9))
    assert {len({language for _, language in rows}) for rows in found["broadcast"].values()} == {1}
    assert sum(len(rows) for rows in found["broadcast"].values()) == 200


def partitions(rows: "DataFrame") -> dict[int, set[tuple[str, str]]]:
    """Return the rows of each partition that has some."""
    from pyspark.sql import functions as F

    found: dict[int, set[tuple[str, str]]] = {}
    for row in rows.select("id", "language", "text", F.spark_partition_id().alias("at")).collect():
        assert row["text"] == f"text {row['id'][1:]}"
        found.setdefault(row["at"], set()).add((row["id"], row["language"]))
    return found


def test_the_facts_of_many_documents_do_not_go_through_the_driver(
    spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = spark.createDataFrame([("a", "edits")], "id string, edits string")
    texts = spark.createDataFrame([("a", "text"), ("b", "text")], "id string, text string")
    few, many = (with_facts(texts, facts, rows=rows) for rows in (200_000, 200_001))
    assert (exchanges(spark, few, "text"), exchanges(spark, few, "edits")) == ([], ["BroadcastExchange"])
    assert (exchanges(spark, many, "text"), exchanges(spark, many, "edits")) == (["Exchange"], ["Exchange"])
    assert [row["id"] for row in many.collect()] == [row["id"] for row in few.collect()] == ["a"]
