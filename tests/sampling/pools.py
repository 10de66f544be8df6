"""Pools of made-up documents, and what the steps make of them by Spark and in plain Python."""

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.engine.root import Root
from jobs.sampling.pool import answered, begin
from jobs.sampling.settings import Step
from jobs.sampling.stage import decided, take
from jobs.sampling.targets import Target
from tests.sampling.oracle import Doc, Fate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMA = (
    "id string, chunk string, quality double, language string, token_count bigint, character_count bigint, group_size bigint, "
    "hashed_ngrams array<struct<bucket:smallint,count:int>>"
)
NAMES = [field.split(" ")[0] for field in SCHEMA.split(", ")]
Decision = tuple[str, str | None, int, list[tuple[str, float, float | None, int]], str | None]


def documents(seed: int, *, count: int) -> list[Doc]:
    """Make documents with many equal values; some values are missing, or no finite numbers."""
    draw = random.Random(seed)

    def one(number: int) -> Doc:
        quality = draw.choice([draw.random(), draw.random() ** 8, draw.randint(0, 5) / 5])
        odd = draw.random()
        return {
            "id": f"<urn:uuid:{seed}-{number}>",
            "chunk": f"{number % 2:05}",
            "quality": None if odd < 0.01 else math.nan if odd < 0.02 else math.inf if odd < 0.03 else quality,
            "language": None if 0.03 < odd < 0.04 else draw.choices(["en", "de", "sw", "x\n"], [70, 20, 8, 2])[0],
            "token_count": None
            if 0.04 < odd < 0.05
            else -1
            if 0.05 < odd < 0.06
            else draw.choice([0, 7, draw.randint(1, 3000)]),
            "character_count": draw.randint(1, 9000),
            "group_size": draw.choice([1, 1, 1, 2, 3, 7, 40, 2000]),
        }

    return [one(number) for number in range(count)]


def by_spark(
    spark: "SparkSession",
    docs: Sequence[Doc],
    steps: Sequence[Step],
    folder: Path,
    *,
    partitions: int = 2,
    few: int = 40,
    targets: Mapping[str, Target] | None = None,
) -> dict[str, Decision]:
    """Take the steps by Spark, over so many partitions, and return each decision by id."""
    rows = spark.createDataFrame([tuple(doc.get(name) for name in NAMES) for doc in docs], SCHEMA).repartition(partitions)
    root = Root(spark, str(folder))
    taken = take(begin(answered(rows, steps)), steps, root=root, folder="sampling/x", few=few, targets=targets)
    found: dict[str, Decision] = {}
    for row in decided(taken).collect():
        last = row["steps"][-1] if row["outcome"] == "dropped" else {"value": None, "cut": None}
        assert (row["value"], row["cut"]) == (last["value"], last["cut"])
        found[row["id"]] = (row["outcome"], row["reason"], row["copies"], [tuple(step) for step in row["steps"]], row["bucket"])
    assert len(found) == len(docs)
    return found


def plain(fates: dict[str, Fate]) -> dict[str, Decision]:
    """Return the fates as decisions."""
    return {name: (fate.outcome, fate.reason, fate.copies, fate.steps, fate.bucket) for name, fate in fates.items()}


def step(name: str, method: str, settings: dict[str, Any], **keys: Any) -> Step:
    """Make a step of one method."""
    return Step.model_validate({"name": name, method: settings, **keys})


def differences(
    found: dict[str, Decision], wanted: dict[str, Decision], *, digits: int = 12
) -> list[tuple[Decision | None, Decision | None]]:
    """List the decisions that differ; values and cuts count to twelve digits, since C and Java may differ in the last of a power."""
    pairs = [(found.get(name), wanted.get(name)) for name in sorted(found.keys() | wanted.keys())]
    return [(mine, theirs) for mine, theirs in pairs if mine is None or theirs is None or not _same(mine, theirs, digits)]


def _same(mine: Decision, theirs: Decision, digits: int) -> bool:
    steps = zip(mine[3], theirs[3], strict=False)
    return (*mine[:3], len(mine[3]), mine[4]) == (*theirs[:3], len(theirs[3]), theirs[4]) and all(
        _close(*pair, digits) for pair in steps
    )


def _close(mine: tuple[Any, ...], theirs: tuple[Any, ...], digits: int) -> bool:
    numbers = zip(mine[1:3], theirs[1:3], strict=True)
    near = all(
        a is b is None
        or (a is not None and b is not None and math.isclose(a, b, rel_tol=10**-digits, abs_tol=10 ** (-digits - 2)))
        for a, b in numbers
    )
    return near and (mine[0], mine[3]) == (theirs[0], theirs[3])
