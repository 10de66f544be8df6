"""Several values as one: each puts a document into twentieths of the pool, and the largest counts."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from tests.sampling import oracle
from tests.sampling.pools import by_spark, documents, step

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DOCS = documents(8, count=900)
STEP = step("low", "threshold", {"by": ["quality", "character_count"], "min": 12}, where="language != 'en'")


@pytest.mark.spark
def test_the_largest_twentieth_counts_and_partitions_show_nowhere(spark: "SparkSession", tmp_path: Path) -> None:
    found = by_spark(spark, DOCS, (STEP,), tmp_path)
    meant = [doc for doc in DOCS if doc["language"] is not None and doc["language"] != "en"]
    seen = [doc for doc in meant if doc["quality"] is not None and math.isfinite(doc["quality"])]
    parts = [twentieths(seen, name) for name in ("quality", "character_count")]
    wanted = {doc["id"]: max(part[doc["id"]] for part in parts) for doc in seen}
    assert {name: row[3][0][1] for name, row in found.items() if row[3]} == wanted
    assert {name for name, row in found.items() if row[1] == "low"} == {name for name, part in wanted.items() if part < 12}
    assert sum(row[0] == "failed" for row in found.values()) == len(meant) - len(seen) + sum(
        d["language"] is None for d in DOCS
    )
    assert by_spark(spark, DOCS, (STEP,), tmp_path / "more", partitions=5) == found


def twentieths(docs: list[Any], name: str) -> dict[str, int]:
    """Rank the documents, and cut the ranks at each twentieth of their number, a half rounded up."""
    ordered = sorted(docs, key=lambda doc: (-doc[name], oracle.key_of(doc["id"], STEP), doc["id"]))
    ends = [math.floor(len(docs) * n / 20 + 0.5) for n in range(1, 20)]
    return {doc["id"]: 19 - sum(place >= end for end in ends) for place, doc in enumerate(ordered)}


def test_one_value_in_a_list_is_no_ensemble() -> None:
    with pytest.raises(ValidationError, match="at least 2 items"):
        step("low", "threshold", {"by": ["quality"], "min": 12})
    with pytest.raises(ValidationError):
        step("low", "pareto", {"by": ["quality", "character_count"]})
