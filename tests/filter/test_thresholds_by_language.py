"""Thresholds by language: what a rule's SQL becomes, and what is refused."""

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from jobs.engine.small_table import small_table
from jobs.filter.settings import Rule
from jobs.filter.stage import decide
from jobs.recipe.load import load_recipe
from tests.runs import PROJECT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WORDS = Rule(reason="short_words", keep="length >= threshold", threshold={"default": 3, "ko": 1.5, "zh_Hans": 1})


def test_a_rule_without_thresholds_is_its_own_sql() -> None:
    assert Rule(reason="few", keep="word_count >= 50").sql == "word_count >= 50"


def test_thresholds_become_one_expression_over_the_language() -> None:
    assert WORDS.sql == "length >= coalesce(element_at(map('ko', 1.5D, 'zh_Hans', 1.0D), language), 3.0D)"
    assert Rule(reason="few", keep="a > threshold AND thresholds", threshold={"default": 2}).sql == "a > 2.0D AND thresholds"


@pytest.mark.parametrize(
    "threshold", [{}, {"ko": 1}, {"default": 1, "x'); --": 2}, {"default": "many"}, {"default": float("nan")}]
)
def test_thresholds_need_a_default_and_labels_and_numbers(threshold: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rule(reason="few", keep="a > threshold", threshold=threshold)


def test_a_threshold_that_its_rule_does_not_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="filter 'few' has a threshold, and keep does not name it"):
        Rule(reason="few", keep="a > thresholds", threshold={"default": 1})


@pytest.mark.parametrize("name", ["quickstart", "fineweb2-style"])
def test_the_recipes_for_all_languages_name_no_threshold_that_no_rule_has(name: str) -> None:
    rules = load_recipe(PROJECT / f"conf/{name}.toml").sections["filter"]
    assert all(("threshold" in rule.keep) == (rule.threshold is not None) for rule in rules)


@pytest.mark.spark
def test_a_document_is_held_to_the_threshold_of_its_language(spark: "SparkSession") -> None:
    rows = [
        ("short", "en", 2.0),
        ("long", "en", 3.0),
        ("korean", "ko", 2.0),
        ("unknown", None, 2.0),
        ("unmeasured", "ko", None),
    ]
    signals = small_table(spark, rows, "id string, language string, length double").selectExpr(
        "*", "'00000' AS chunk", "CAST(NULL AS string) AS error"
    )
    got = {row["id"]: row["outcome"] for row in decide(signals, rules=(WORDS,)).collect()}
    assert got == {"short": "dropped", "long": "kept", "korean": "kept", "unknown": "dropped", "unmeasured": "failed"}
