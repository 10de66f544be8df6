"""The way that dedup takes with large runs, taken by small ones: it ends at the same decisions."""

import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.engine.root import Root
from jobs.recipe.minhash import MinHash
from tests.dedup.oracle import SETTINGS, best_first, check_witnesses, corpus, dedup, kept, sequential, word
from tests.dedup.small_root import Doc
from tests.planning import planned

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark


@pytest.mark.usefixtures("stepwise")
@pytest.mark.parametrize(
    ("seed", "adaptive", "settings"),
    [
        (4, True, SETTINGS),
        (5, False, SETTINGS.model_copy(update={"exact_digest": True})),
        (6, False, SETTINGS.model_copy(update={"exact_text": False, "exact_url": "off"})),
        (7, False, SETTINGS.model_copy(update={"near_duplicates": NearDuplicates(measure="containment", min_similarity=0.8)})),
    ],
)
def test_the_way_of_large_runs_ends_at_the_same(
    spark: "SparkSession", tmp_path: Path, seed: int, adaptive: bool, settings: Dedup
) -> None:
    docs = corpus(seed, groups=30)
    with planned(spark, partitions=4 if adaptive else 1, adaptive=adaptive):
        decisions = dedup(spark, tmp_path, docs, settings)
    assert kept(decisions) == sequential(sorted(docs, key=best_first), settings)
    check_witnesses(docs, decisions, settings)
    assert len(list(tmp_path.glob("dedup/test/near/round=*"))) > 2
    assert list(tmp_path.glob("dedup/test/near/round=001/keys/*.parquet"))  # finer keys were made


@pytest.mark.usefixtures("stepwise")
def test_a_round_that_is_killed_again_and_again_goes_on_with_the_table_that_is_not_finished(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs, written = corpus(4, groups=30), list[str]()
    save = Root.save

    def killed(root: Root, rows: "DataFrame", relative: str) -> "DataFrame":
        """Write a table to its end and die before it is marked, the first time that its turn comes."""
        if "round=" not in relative:
            return save(root, rows, relative)
        written.append(relative.partition("round=")[2])
        found = save(root, rows, relative)
        if written.count(written[-1]) == 1:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(Root, "save", killed)
    kills = 0
    while True:
        try:
            decisions = dedup(spark, tmp_path, docs, SETTINGS)
            break
        except KeyboardInterrupt:
            kills += 1
    assert kills > 12 and kept(decisions) == sequential(sorted(docs, key=best_first), SETTINGS)
    own = [name for name in written if "candidates" not in name]  # those are written anew with what they are compared for
    assert all(own.count(name) == 2 for name in own)


@pytest.mark.usefixtures("stepwise")
def test_a_chain_ends_although_every_round_decides_two(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of leaders would pass 64 bits in the second round if nothing capped it."""
    monkeypatch.setattr("jobs.dedup.rounds.GROWTH", 2**64)
    words = [word(100 + n) for n in range(200)]
    docs = [Doc(f"<{n:02d}>", " ".join(words[4 * n : 4 * n + 40]), f"u{n}", quality=1 - n / 100) for n in range(8)]
    decisions = dedup(spark, tmp_path, docs, SETTINGS)
    assert kept(decisions) == sequential(docs, SETTINGS)
    assert len(list(tmp_path.glob("dedup/test/near/round=*"))) > 2


def test_finer_keys_leave_a_template_alone(spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 200 pages of one template, unlike each other, in the same buckets, each is compared with few."""
    monkeypatch.setattr("jobs.dedup.rounds.MEETINGS", 0)
    rng = random.Random(1)
    template = [word(n) for n in range(1000, 1070)]
    docs = [
        Doc(f"<{n:03d}>", " ".join([*template, *(word(rng.randrange(10**6)) for _ in range(30))]), f"u{n}") for n in range(200)
    ]
    docs.append(replace(docs[100], id="<twin>", url_key="v", text=docs[100].text + " more"))
    settings = SETTINGS.model_copy(update={"near_duplicates": NearDuplicates(min_similarity=0.75)})
    decisions = dedup(spark, tmp_path, docs, settings, minhash=MinHash(ngram=2, bands=32, rows=1))
    assert {page: row["duplicate_of"] for page, row in decisions.items() if row["outcome"] == "dropped"} in (
        {"<twin>": "<100>"},
        {"<100>": "<twin>"},
    )
    compared = [spark.read.parquet(str(path)).count() for path in sorted(tmp_path.glob("dedup/test/near/round=*/compared"))]
    assert sum(compared) < 2_000  # of 20,100 pairs
