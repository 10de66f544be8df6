"""Dumps published to one index side by side: each result is that of a comparison with exactly the dumps that its record names."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.dedup import STAGE
from jobs.dedup.stage import publish_to_index
from jobs.dedup.tables import DECISIONS
from jobs.engine.root import Root
from tests.dedup.oracle import SETTINGS, best_first, corpus, sequential
from tests.dedup.small_run import context, dedup_recipe, run_dedup, write_corpus, write_decided
from tests.planning import planned

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.long]
DUMPS = 12
AT_ONCE = 4
SEED = 33


def test_twelve_dumps_in_random_order_each_give_way_to_exactly_those_that_their_record_names(
    spark: "SparkSession", tmp_path: Path
) -> None:
    draw = random.Random(SEED)
    docs = corpus(SEED, groups=24)
    names = [f"dump{number:02d}" for number in range(DUMPS)]
    mine = {name: docs[number::DUMPS] for number, name in enumerate(names)}

    def run(name: str) -> set[str]:
        given = context(
            Root(spark, str(tmp_path / name)), dedup_recipe(dump=name, scope="global", index=str(tmp_path / "index"))
        )
        write_decided(given, mine[name])
        marker = run_dedup(given)
        kept = {row["id"] for row in given.root.read(DECISIONS).where("outcome = 'kept'").collect()}
        write_corpus(given, kept)
        publish_to_index(given.job(STAGE))
        seen[name] = {dump["name"]: dump["fingerprint"] for dump in marker["pinned"]}
        return kept

    seen: dict[str, dict[str, str]] = {}
    with planned(spark, partitions=1), ThreadPoolExecutor(AT_ONCE) as pool:
        order = draw.sample(names, DUMPS)
        kept = dict(zip(order, pool.map(run, order), strict=True))
    records = {name: Root(spark, str(tmp_path / "index")).read_json(f"dump={name}/_index.json") or {} for name in names}
    assert {name: record["against"] for name, record in records.items()} == seen
    states = {name: record["fingerprint"] for name, record in records.items()}
    assert [against for against in seen.values() if not against.items() <= states.items()] == []
    for name in names:
        published = [doc for other in seen[name] for doc in mine[other] if doc.id in kept[other]]
        assert kept[name] == sequential(sorted(mine[name], key=best_first), SETTINGS, published), name
    assert [(a, b) for a in names for b in seen[a] if a in seen[b]] == []  # no two give way to each other
    assert 0 < sum(map(len, seen.values())) <= DUMPS * (DUMPS - 1) // 2
    assert sum(map(len, kept.values())) < len(docs)
