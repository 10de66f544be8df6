"""The laws of conservation: what is lost, doubled, orphaned or left out without a word is refused."""

from typing import TYPE_CHECKING

import pytest

from jobs.engine.errors import LedgerError
from jobs.engine.laws import check_lineage, weave
from jobs.engine.small_table import small_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark
PARENTS = "id string, times bigint, reason string"
CHILDREN = "id string, parents array<string>"


def parents(spark: "SparkSession", *rows: tuple[str, int, str | None]) -> "DataFrame":
    return small_table(spark, list(rows), PARENTS)


def children(spark: "SparkSession", **rows: list[str] | None) -> "DataFrame":
    return small_table(spark, list(rows.items()), CHILDREN)


def test_parents_that_are_used_as_often_as_they_should_be_or_have_a_reason_balance(spark: "SparkSession") -> None:
    told = parents(spark, ("a", 2, None), ("b", 1, None), ("c", 0, "too_long"))
    check_lineage(told, children(spark, x=["a"], y=["a", "b"]), stage="rephrase")


@pytest.mark.parametrize(
    ("told", "made", "what"),
    [
        ([("a", 1, None)], {"x": ["a"], "y": ["z"]}, "name no parent, or one that was not there, such as y"),
        ([("a", 1, None)], {"x": ["a"], "y": []}, "name no parent, or one that was not there, such as y"),
        ([("a", 1, None)], {"x": ["a"], "y": None}, "name no parent, or one that was not there, such as y"),
        ([("a", 2, None)], {"x": ["a"]}, "used more or less often than they should be, such as a"),
        ([("a", 1, None), ("b", 1, None)], {"x": ["a"]}, "used more or less often than they should be, such as b"),
        ([("a", 1, None), ("b", 0, None)], {"x": ["a"]}, "not used, and no reason says why, such as b"),
    ],
)
def test_a_lineage_that_does_not_add_up_is_refused(
    spark: "SparkSession", told: list[tuple[str, int, str | None]], made: dict[str, list[str] | None], what: str
) -> None:
    with pytest.raises(LedgerError, match=what):
        check_lineage(parents(spark, *told), children(spark, **made), stage="rephrase")


def pieces(spark: "SparkSession", **times: int) -> "DataFrame":
    return small_table(spark, list(times.items()), "id string, times bigint")


def ids(spark: "SparkSession", *found: str) -> "DataFrame":
    return small_table(spark, [(one,) for one in found], "id string")


def test_a_weave_in_which_each_piece_stands_as_often_as_it_should_balances(spark: "SparkSession") -> None:
    left = small_table(spark, [("c", "dropped", "over_budget")], "id string, outcome string, reason string")
    found = weave(pieces(spark, a=2, b=1, c=1), placed=ids(spark, "a", "b", "a"), left_out=left).check("pack")
    assert (found.came.count, found.kept.count, found.dropped["over_budget"].count) == (4, 3, 1)


@pytest.mark.parametrize("placed", [["a", "b"], ["a", "a", "a"], ["a", "a", "b", "b"], ["a", "b", "b"], []])
def test_a_weave_that_loses_or_doubles_a_piece_is_refused(spark: "SparkSession", placed: list[str]) -> None:
    with pytest.raises(LedgerError, match="pack: 3 records came in"):
        weave(pieces(spark, a=2, b=1), placed=ids(spark, *placed)).check("pack")


def test_a_weave_of_nothing_balances(spark: "SparkSession") -> None:
    assert weave(pieces(spark).where("false"), placed=ids(spark).where("false")).check("pack").kept.count == 0
