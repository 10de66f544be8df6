"""Each method by Spark equals the same method in plain Python, whatever the partitions."""

import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.sampling.settings import Step
from tests.sampling import oracle
from tests.sampling.pools import by_spark, differences, documents, plain, step

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
DOCS = documents(1, count=1500)

ONE_BY_ONE: dict[str, tuple[Step, ...]] = {
    "top": (step("top_tenth", "top", {"by": "quality", "share": 0.1}),),
    "top within": (step("top_third", "top", {"by": "quality", "share": 0.35, "within": "language"}),),
    "top of one language": (step("top_en", "top", {"by": "quality", "share": 0.5}, where="language = 'en'"),),
    "bounds": (step("bounds", "threshold", {"by": "quality", "min": 0.2, "max": 0.9}),),
    "pareto": (step("gpt3", "pareto", {"by": "quality", "alpha": 9.0}),),
    "softmax": (step("drawn", "softmax", {"by": "quality", "temperature": 0.5, "share": 0.3, "within": "language"}),),
    "temperature": (
        step("even", "temperature", {"over": "language", "temperature": 3.0, "unit": "tokens", "max_copies": 5.5}),
    ),
    "tiers at": (step("tiers", "tiers", {"by": "quality", "at": [0.8, 0.2], "copies": [3.5, 1, 0.25]}),),
    "tiers of shares": (
        step("tiers", "tiers", {"by": "quality", "shares": [0.1, 0.3, 0.2], "copies": [4, 1.5, 0.5, 0], "within": "language"}),
    ),
    "buckets": (
        step("ccnet", "buckets", {"by": "-quality", "within": "language"}, where="language != 'en'"),
        step("top_half", "top", {"by": "quality", "share": 0.5}),
    ),
    "buckets of two steps": (
        step("others", "buckets", {"by": "quality", "within": "language"}, where="language != 'en'"),
        step("english", "buckets", {"by": "quality", "names": ["best", "middle", "worst"]}, where="language = 'en'"),
        step("top_half", "top", {"by": "quality", "share": 0.5}),
    ),
    "budget by chance": (step("budget", "budget", {"tokens": 200_000}),),
    "all fits": (step("budget", "budget", {"documents": 10**9}),),
}
CHAIN = (
    step("few", "threshold", {"by": "quality", "min": 0.05}),
    step("duplicates", "rehydrate", {"by": "group_size", "sizes": [1, 2, 5, 1000], "within": "language"}),
    step("even", "temperature", {"over": "language", "temperature": 2.0}, seed=7),
    step("others", "top", {"by": "character_count", "share": 0.5}, where="language != 'en'"),
    step("budget", "budget", {"tokens": 90_001, "by": "quality", "within": "language"}),
)


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_a_method_equals_the_same_in_plain_python(spark: "SparkSession", tmp_path: Path, name: str) -> None:
    steps = ONE_BY_ONE[name]
    wanted = plain(oracle.take(DOCS, steps))
    assert differences(by_spark(spark, DOCS, steps, tmp_path), wanted) == []
    assert name == "all fits" or {"kept", "dropped", "failed"} <= {outcome for outcome, *_ in wanted.values()}


def test_a_chain_of_steps_equals_the_same_in_plain_python_and_partitions_show_nowhere(
    spark: "SparkSession", tmp_path: Path
) -> None:
    first, *others = [by_spark(spark, DOCS, CHAIN, tmp_path / str(count), partitions=count) for count in (1, 3, 8)]
    assert differences(first, plain(oracle.take(DOCS, CHAIN))) == []
    assert [one == first for one in others] == [True, True]  # to the last bit


def test_pareto_keeps_by_the_law_of_its_paper(spark: "SparkSession", tmp_path: Path) -> None:
    scores = (0.0, 0.3, 0.5, 0.8, 1.0)
    docs: list[Any] = [{**doc, "quality": scores[n % 5]} for n, doc in enumerate(documents(2, count=10_000))]
    found = by_spark(spark, docs, (step("pile", "pareto", {"by": "quality", "alpha": 3.0}),), tmp_path)
    kept = Counter(doc["quality"] for doc in docs if found[doc["id"]][0] == "kept")
    for score in scores:
        chance = (2 - score) ** -3
        error = math.sqrt(2000 * chance * (1 - chance))
        assert abs(kept[score] - 2000 * chance) <= 4 * error, (score, kept[score])


def test_softmax_draws_by_its_weights(spark: "SparkSession", tmp_path: Path) -> None:
    docs: list[Any] = [{**doc, "quality": float(n % 2)} for n, doc in enumerate(documents(6, count=4000))]
    found = by_spark(spark, docs, (step("drawn", "softmax", {"by": "quality", "share": 0.01, "temperature": 0.5}),), tmp_path)
    kept = [doc["quality"] for doc in docs if found[doc["id"]][0] == "kept"]
    chance = math.exp(2) / (math.exp(2) + 1)  # of a score of 1 against one of 0, as long as few of either are taken
    assert len(kept) == 40 and abs(sum(kept) - 40 * chance) <= 4 * math.sqrt(40 * chance * (1 - chance))


def test_tiers_and_temperature_give_the_expected_copies(spark: "SparkSession", tmp_path: Path) -> None:
    docs: list[Any] = [
        {**doc, "quality": 0.9, "language": "en" if n % 10 else "sw"} for n, doc in enumerate(documents(3, count=10_000))
    ]
    tiers = (step("tiers", "tiers", {"by": "quality", "at": [0.5], "copies": [2.3, 0]}),)
    copies = [copies for _, _, copies, *_ in by_spark(spark, docs, tiers, tmp_path / "tiers").values()]
    assert set(copies) == {2, 3} and abs(sum(copies) - 23_000) <= 4 * math.sqrt(10_000 * 0.3 * 0.7)
    even = (step("even", "temperature", {"over": "language", "temperature": 2.0}),)
    found = by_spark(spark, docs, even, tmp_path / "even")
    sums = Counter[str]()
    for doc in docs:
        sums[doc["language"]] += found[doc["id"]][2]
    # 9000 and 1000 documents are 3 to 1 by their square roots: 7500 and 2500 of 10,000
    assert abs(sums["en"] - 7500) <= 4 * math.sqrt(9000 * (5 / 6) * (1 / 6)) and abs(sums["sw"] - 2500) <= 4 * math.sqrt(
        1000 * 0.25
    )


def test_a_budget_is_met_exactly_to_one_document(spark: "SparkSession", tmp_path: Path) -> None:
    docs: list[Any] = [{**doc, "token_count": 10 + n % 90} for n, doc in enumerate(documents(4, count=1000))]
    steps = (
        step("twice", "tiers", {"by": "character_count", "at": [0], "copies": [3, 1]}),
        step("budget", "budget", {"tokens": 60_000}),
    )
    found = by_spark(spark, docs, steps, tmp_path)
    tokens = sum(doc["token_count"] * found[doc["id"]][2] for doc in docs)
    partly = [doc["token_count"] for doc in docs if found[doc["id"]][2] in (1, 2)]
    assert 60_000 - 99 < tokens <= 60_000 and len(partly) <= 1
