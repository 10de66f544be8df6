"""Exact cuts: passes narrow any distribution to the one document that no longer fits."""

import random
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine.root import Root
from jobs.engine.small_table import small_table
from jobs.sampling.cuts import Wanted, cuts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
COUNT = 600
DRAW = random.Random(5)
VALUES = {
    "even": [DRAW.random() for _ in range(COUNT)],
    "one": [0.25] * COUNT,
    "steep": [2.0 ** -DRAW.randint(0, 1000) for _ in range(COUNT)],
    "wide": [DRAW.choice([-1.7e308, 1.7e308, 0.0, 5e-324, 1e-300, DRAW.random()]) for _ in range(COUNT)],
}
ROWS = [
    (
        f"id-{number}",
        group,
        value,
        DRAW.choice([-(2**63), 2**63 - 1, DRAW.randint(-(2**63), 2**63 - 1)]),
        DRAW.choice([0, 1, 5]),
    )
    for group, values in VALUES.items()
    for number, value in enumerate(values)
]


@pytest.mark.parametrize("wanted", [Wanted(shares=(Decimal("0.1"), Decimal("0.5"), Decimal("0.999"))), Wanted(amount=700)])
def test_the_cut_is_the_first_that_does_not_fit(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: Wanted
) -> None:
    monkeypatch.setattr("jobs.sampling.cuts.PASSES", 4)
    rows = small_table(spark, ROWS, "id string, group string, value double, key bigint, weight bigint").repartition(3)
    root, names = Root(spark, str(tmp_path)), []

    def once(name: str, make):  # type: ignore[no-untyped-def]
        names.append(name)
        return root.once(name, make)

    found = {
        row["group"]: [tuple(cut) for cut in row["cuts"]] for row in cuts(rows, wanted, once=once, few=5, bins=16).collect()
    }
    assert found == {group: expected(group, wanted) for group in VALUES}
    assert names[-2:] == ["bounds-4", "cuts"], "what is steep is not narrowed so soon, and right all the same"


def expected(group: str, wanted: Wanted) -> list[tuple[int, float, int, str, int]]:
    mine = sorted((-value, key, name, weight) for name, own, value, key, weight in ROWS if own == group)
    total = sum(row[3] for row in mine)
    targets = [int(total * share + Decimal("0.5")) for share in wanted.shares] or [wanted.amount]
    found = []
    for place, target in enumerate(targets):
        taken = 0
        for value, key, name, weight in mine:
            if taken + weight > target:
                found.append((place, -value, key, name, target - taken))
                break
            taken += weight
    return found
