"""The keys that an index and a new dump share: the same by either way, and by as many jobs however large the new dump is."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.dedup.index_growth import KEYS as KEYS_OF_A_DOCUMENT
from bench.dedup.index_growth import SETTINGS, documents
from jobs.dedup import index_keys
from jobs.dedup.index_keys import KEYS, Published, keys_of, slices_of, write_by_slice, write_hits
from jobs.engine.literal_paths import literal
from jobs.engine.root import Root
from tests.whole_runs.test_run import exchanges

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
Hit = tuple[str, str, int, int]


def published(spark: "SparkSession", folder: Path, *, name: str, first: int, count: int) -> Published:
    rows = documents(spark, first=first, count=count)
    slices = slices_of(count * KEYS_OF_A_DOCUMENT)
    write_by_slice(Root(spark, str(folder)), keys_of(rows, None), f"{name}/keys", slices=slices)
    return Published(name, str(folder / name), str(folder), "f", count, slices)


def hits(root: Root, dumps: tuple[Published, ...], *, new: int) -> tuple[set[Hit], int]:
    """Return the shared keys, and how many jobs found them."""
    scheduler = root.spark.sparkContext._jsc.sc().dagScheduler()
    before = scheduler.numTotalJobs()
    write_hits(root, "work", published=dumps, pool=documents(root.spark, first=90, count=new), settings=SETTINGS)
    jobs = scheduler.numTotalJobs() - before
    schema = f"dump string, {KEYS}"
    found = literal(root.spark).schema(schema).option("recursiveFileLookup", "true").parquet(root.at("work/hits")).collect()
    assert len({tuple(row) for row in found}) == len(found)
    root.delete("work")
    return {(row["dump"], row["kind"], row["key"], row["nr"]) for row in found}, jobs


def test_a_broadcast_and_slices_find_the_same_keys_and_a_larger_dump_takes_no_more_jobs(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Root(spark, str(tmp_path))
    monkeypatch.setattr(index_keys, "KEYS_AT_ONCE", 1_000)
    # of four slices and of one, and of documents that both have
    dumps = (
        published(spark, tmp_path, name="a", first=0, count=100),
        published(spark, tmp_path, name="b", first=95, count=10),
    )
    assert [dump.slices for dump in dumps] == [4, 1]
    in_slices, jobs = hits(root, dumps, new=40)
    _, more = hits(root, dumps, new=80)
    assert more == jobs
    known = [index_keys._known(root, dump, SETTINGS) for dump in dumps]
    asked = keys_of(documents(spark, first=0, count=9), SETTINGS).selectExpr("key", "kind", "pmod(key, 4) AS slice")
    for how in ("shuffle_hash", "merge"):
        assert exchanges(spark, index_keys.hits_of_slice(known, asked, 1, slices=4, how=how), "key") == []
    monkeypatch.setattr(index_keys, "HASHED_AT_ONCE", 1)
    sorted_, _ = hits(root, dumps, new=40)
    monkeypatch.setattr(index_keys, "KEYS_AT_ONCE", 1_000_000)
    broadcast, _ = hits(root, dumps, new=40)
    assert in_slices == broadcast == sorted_
    assert {(dump, nr) for dump, _, _, nr in broadcast} == {
        *(("a", nr) for nr in range(90, 100)),
        *(("b", nr) for nr in range(10)),
    }
    assert {kind for _, kind, _, _ in broadcast} == {"lsh", "url", "text"}
    by_text = SETTINGS.model_copy(update={"exact_url": "off"})
    write_hits(root, "work", published=dumps, pool=documents(spark, first=90, count=1), settings=by_text)
    assert {row["kind"] for row in root.table("work/hits/0").select("kind").collect()} == {"lsh", "text"}
