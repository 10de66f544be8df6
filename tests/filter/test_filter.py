"""The filter's decisions: first broken rule, all broken rules, and nulls that never pass."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine.errors import LedgerError, RecipeError
from jobs.engine.ledger import Ledger, Tally, ledger, tally
from jobs.engine.small_table import small_table
from jobs.filter import STAGE
from jobs.filter.settings import Rule
from jobs.filter.stage import check, decide
from tests.runs import changed, context, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
RULES = (
    Rule(reason="few_words", keep="word_count >= 50"),
    Rule(reason="repeated", keep="ratio <= 0.3"),
    Rule(reason="hidden", keep="word_count < 1000 AND ratio < 0.9"),
)


def test_the_first_rule_that_is_not_true_decides_and_all_are_evidence(spark: "SparkSession") -> None:
    rows = [
        ("good", 60, 0.1, None),
        ("short", 10, 0.1, None),
        ("both", 10, 0.95, None),
        ("late", 60, 0.5, None),
        ("null", 60, None, None),
        ("null_after_broken", 10, None, None),
        ("raised", None, None, "ValueError: x"),
    ]
    signals = small_table(spark, rows, "id string, word_count bigint, ratio double, error string").selectExpr(
        "*", "'00000' AS chunk"
    )
    got = {row["id"]: tuple(row)[2:6] for row in decide(signals, rules=RULES).collect()}
    assert got == {
        "good": ("kept", None, [], []),
        "short": ("dropped", "few_words", ["few_words"], []),
        "both": ("dropped", "few_words", ["few_words", "repeated", "hidden"], []),
        "late": ("dropped", "repeated", ["repeated"], []),
        "null": ("failed", "unmeasured", [], ["repeated", "hidden"]),
        "null_after_broken": ("dropped", "few_words", ["few_words"], ["repeated", "hidden"]),
        "raised": ("failed", "annotate_error", [], ["few_words", "repeated", "hidden"]),
    }


def test_no_rule_keeps_everything_that_was_measured(spark: "SparkSession") -> None:
    signals = small_table(spark, [("a", None), ("b", "E")], "id string, error string").selectExpr("*", "'00000' AS chunk")
    assert {row["id"]: row["outcome"] for row in decide(signals, rules=()).collect()} == {"a": "kept", "b": "failed"}


def test_rules_that_do_not_fit_the_signals_are_all_named_before_work(spark: "SparkSession", tmp_path: Path) -> None:
    rules = [
        Rule(reason="a", keep="wordcount > 1"),
        Rule(reason="b", keep="word_count + 1"),
        Rule(reason="c", keep="word_count >"),
        Rule(reason="d", keep="avg(word_count) > 3"),
        Rule(reason="e", keep="rand() < 0.5"),
        Rule(reason="f", keep="rank() OVER (ORDER BY word_count) < 3"),
        Rule(reason="unmeasured", keep="word_count > 1"),
    ]
    every = context(spark, changed(tiny([]), filter=rules), tmp_path / "root")
    with pytest.raises(RecipeError) as caught:
        check(every.job(STAGE))
    text = str(caught.value)
    assert text.startswith("7 rule(s) do not fit the signals; nothing was run.")
    assert (
        "filter 'a'" in text and "filter 'b': 'word_count + 1' gives bigint, not true or false" in text and "filter 'c'" in text
    )
    assert "filter 'c': 'word_count >': [PARSE_SYNTAX_ERROR] Syntax error" in text
    assert "filter 'd': 'avg(word_count) > 3' looks at other documents" in text
    assert "filter 'f': 'rank() OVER (ORDER BY word_count) < 3' looks at other documents" in text
    assert "filter 'e': 'rand() < 0.5' is another at every run" in text
    assert "filter 'unmeasured': gristmill gives that reason itself" in text
    assert "signals: language, language_score" in text


def test_a_ledger_counts_by_reason_and_notices_a_row_lost_or_doubled(spark: "SparkSession") -> None:
    came = small_table(spark, [("a",), ("b",), ("c",)], "id string")
    rows = [("a", "kept", None), ("b", "dropped", "few_words"), ("c", "failed", "unmeasured")]
    schema = "id string, outcome string, reason string"
    right = ledger(came=tally(came), decisions=small_table(spark, rows, schema), kept="kept").check("filter").as_json()
    assert {key: right[key] for key in ("in", "kept", "dropped", "failed")} == {
        "in": 3,
        "kept": 1,
        "dropped": {"few_words": 1},
        "failed": {"unmeasured": 1},
    }
    for wrong in (rows[:2], [*rows[:2], rows[1]]):  # one lost; one lost and another doubled, which a count alone would miss
        with pytest.raises(LedgerError, match="filter: 3 records came in"):
            ledger(came=tally(came), decisions=small_table(spark, wrong, schema), kept="kept").check("filter")


def test_an_empty_stage_balances() -> None:
    assert Ledger(came=Tally(), kept=Tally()).check("filter").as_json()["in"] == 0
