"""Dedup against the sequential pass it promises to equal (law 5)."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.dedup.settings import NearDuplicates
from tests.dedup.oracle import SETTINGS, WORK, best_first, check_witnesses, corpus, dedup, kept, sequential, word
from tests.dedup.small_root import Doc
from tests.planning import planned

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


@pytest.mark.parametrize(
    ("seed", "partitions", "adaptive", "file_records"), [(1, 1, True, 0), (2, 4, False, 0), (3, 7, True, 2)]
)
def test_the_join_keeps_what_one_pass_in_survivor_order_keeps(
    spark: "SparkSession", tmp_path: Path, seed: int, partitions: int, adaptive: bool, file_records: int
) -> None:
    """A setting of the cluster may cut what a task writes into files of few records, which must keep the order of the sort."""
    docs = corpus(seed, groups=40)
    expected = sequential(sorted(docs, key=best_first), SETTINGS)
    assert 0 < len(expected) < len(docs)
    spark.conf.set("spark.sql.files.maxRecordsPerFile", file_records)
    try:
        with planned(spark, partitions=partitions, adaptive=adaptive):
            decisions = dedup(spark, tmp_path, docs, SETTINGS)
    finally:
        spark.conf.set("spark.sql.files.maxRecordsPerFile", 0)
    assert kept(decisions) == expected
    if file_records:
        assert len(list(tmp_path.glob(f"{WORK}/order/*.parquet"))) >= len(docs) / file_records
    check_witnesses(docs, decisions, SETTINGS)


def test_a_chain_is_not_deleted_by_transitivity(spark: "SparkSession", tmp_path: Path) -> None:
    words = [word(100 + n) for n in range(40)]
    half = words[:6]
    docs = [
        Doc("<a>", " ".join(words), "a", quality=0.9),
        Doc("<b>", " ".join([*(f"b{w}" for w in half), *words[6:]]), "b", quality=0.8),
        Doc("<c>", " ".join([*(f"b{w}" for w in half), *words[6:-6], *(f"c{w}" for w in half)]), "c", quality=0.7),
    ]
    decisions = dedup(spark, tmp_path, docs, SETTINGS)
    assert [(page, decisions[page]["outcome"], decisions[page]["duplicate_of"]) for page in ("<a>", "<b>", "<c>")] == [
        ("<a>", "kept", None),
        ("<b>", "dropped", "<a>"),
        ("<c>", "kept", None),
    ]


def test_empty_texts_are_nobodys_duplicate(spark: "SparkSession", tmp_path: Path) -> None:
    docs = [Doc("<a>", "...", "a"), Doc("<b>", "!!!", "b"), Doc("<c>", "one two three", "c")]
    decisions = dedup(spark, tmp_path, docs, SETTINGS.model_copy(update={"exact_text": False}))
    assert kept(decisions) == {"<a>", "<b>", "<c>"}


def test_of_captures_of_one_url_the_newest_may_stay(spark: "SparkSession", tmp_path: Path) -> None:
    docs = [
        Doc("<good>", "one two three four", "u", quality=0.9, date="2026-01-01T00:00:00Z"),
        Doc("<new>", "one two three four five", "u", quality=0.1, date="2026-01-03T00:00:00Z"),
        Doc("<copy>", "one two three four", "v", quality=0.5, date="2026-01-02T00:00:00Z"),
        Doc("<other>", "six seven eight nine", "u", quality=0.9, date="2026-01-02T00:00:00Z"),
        Doc("<blank>", "...", "u", quality=0.9, date="2026-01-02T00:00:00Z"),
    ]
    settings = SETTINGS.model_copy(update={"near_duplicates": NearDuplicates(min_similarity=0.8)})
    best = dedup(spark, tmp_path / "best", docs, settings)
    newest = dedup(spark, tmp_path / "newest", docs, settings.model_copy(update={"exact_url": "newest"}))
    assert kept(best) == {"<good>", "<other>", "<blank>"} and kept(newest) == {"<new>", "<copy>", "<other>", "<blank>"}
    facts = ("reason", "duplicate_of", "similarity")
    assert [newest["<good>"][fact] for fact in facts] == ["exact_url", "<new>", 0.75]
    update = {"exact_url": "newest", "min_url_similarity": 0.0}
    blind = dedup(spark, tmp_path / "blind", docs, settings.model_copy(update=update))
    assert kept(blind) == {"<new>", "<copy>"} and blind["<other>"]["similarity"] == 1.0


def test_annotation_drops_nothing_and_says_the_same(spark: "SparkSession", tmp_path: Path) -> None:
    docs = corpus(8, groups=10)
    dropped = dedup(spark, tmp_path / "drop", docs, SETTINGS)
    named = dedup(spark, tmp_path / "annotate", docs, SETTINGS.model_copy(update={"mode": "annotate"}))
    facts = ("duplicate_of", "similarity", "group_id", "group_size")
    assert {page: [row[f] for f in facts] for page, row in named.items()} == {
        page: [row[f] for f in facts] for page, row in dropped.items()
    }
    assert kept(named) == {doc.id for doc in docs} and {row["reason"] for row in named.values()} == {None}


def test_a_killed_round_is_done_again_and_what_came_before_is_not(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = corpus(9, groups=20)

    def killed(*args: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("jobs.dedup.all_pairs.one_pass", killed)
        with pytest.raises(KeyboardInterrupt):
            dedup(spark, tmp_path, docs, SETTINGS)
    before = {path: path.stat().st_mtime_ns for name in ("order", "buckets") for path in tmp_path.glob(f"dedup/test/{name}/*")}
    decisions = dedup(spark, tmp_path, docs, SETTINGS)
    assert kept(decisions) == sequential(sorted(docs, key=best_first), SETTINGS)
    assert before and before == {path: path.stat().st_mtime_ns for path in before}
