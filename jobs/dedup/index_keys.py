"""Keys of documents, and those that the index of published dumps has too: slice by slice, so that the index is not moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedup.settings import Dedup
from jobs.engine.literal_paths import literal
from jobs.engine.root import Root
from jobs.engine.small_table import small_table

KEYS_AT_ONCE = 4_000_000  # keys broadcast to a job, or of a slice: some 100 MB
HASHED_AT_ONCE = 1_000_000  # keys that a task holds in a hash table; more are sorted, which may spill
SLICES_A_JOB = 64  # each is a branch of the job's plan, and a task
EXACT = {"url": "url_key", "text": "text_hash", "digest": "digest"}  # kinds of exact keys, and the column of each
KEYS = "kind string, key bigint, nr bigint"


@dataclass(frozen=True)
class Published:
    """Describe one dump of the index: where its keys lie, the root of its text, and what made it."""

    name: str
    folder: str
    root: str
    fingerprint: str
    documents: int
    slices: int


Known = Sequence[tuple[Published, DataFrame]]  # dumps, and the keys of each


def write_hits(root: Root, work: str, *, published: tuple[Published, ...], pool: DataFrame, settings: Dedup) -> None:
    """Write the index's keys that the pool has too: dump, kind, key, nr.

    A few keys are broadcast to the whole index. More are written by slice, as the index is, and a task joins one slice of both: nothing
    is broadcast, the index is not shuffled, and each key is read once. An index of fewer slices is read once for each of the new dump's
    that fall into one of its own, which is no more than the new dump's keys in all. One job takes SLICES_A_JOB slices, some ten million
    documents.
    """
    asked = keys_of(pool, settings).select("key", "kind").distinct()
    count = _count(pool)
    known = [_known(root, dump, settings) for dump in published]
    if count <= KEYS_AT_ONCE:
        hits = reduce(DataFrame.unionByName, [rows.drop("slice") for _, rows in known])
        root.save(hits.join(F.broadcast(asked), on=["key", "kind"], how="left_semi"), f"{work}/hits/0")
        return
    slices = max(slices_of(count), *(dump.slices for dump in published))
    write_by_slice(root, asked, f"{work}/asked", slices=slices)
    asked = literal(root.spark).schema("key bigint, kind string, slice int").parquet(root.at(work, "asked"))
    how = "shuffle_hash" if count <= slices * HASHED_AT_ONCE else "merge"
    for first in range(0, slices, SLICES_A_JOB):
        some = range(first, min(first + SLICES_A_JOB, slices))
        joined = [hits_of_slice(known, asked, number, slices=slices, how=how) for number in some]
        root.save(reduce(DataFrame.unionByName, joined), f"{work}/hits/{first}")


def hits_of_slice(known: Known, asked: DataFrame, number: int, *, slices: int, how: str) -> DataFrame:
    """Return the keys of one slice of the index that are asked for. With one partition on either side, a join moves nothing.

    The keys that are asked for are distinct, so this is a semi join. Spark would push one below the single partition, and shuffle.
    """
    mine = asked.where(F.col("slice") == number).drop("slice").coalesce(1)
    return _of_slice(known, number, slices=slices).coalesce(1).join(mine.hint(how), on=["key", "kind"], how="inner")


def _known(root: Root, dump: Published, settings: Dedup) -> tuple[Published, DataFrame]:
    """Read the keys of a published dump by which the settings find duplicates, with the name of the dump: one listing."""
    schema = f"{KEYS}, slice int"
    if Root(root.spark, dump.folder).exists("keys"):
        rows = literal(root.spark).schema(schema).parquet(f"{dump.folder}/keys")
    else:
        rows = small_table(root.spark, [], schema)
    return dump, rows.where(F.col("kind").isin(*_kinds(settings))).withColumn("dump", F.lit(dump.name))


def _of_slice(known: Known, number: int, *, slices: int) -> DataFrame:
    """Return the keys of all dumps that fall into one slice of so many, by powers of two."""
    parts = []
    for dump, rows in known:
        mine = rows.where(F.col("slice") == number % dump.slices).drop("slice")
        parts.append(mine if dump.slices == slices else mine.where(F.pmod("key", F.lit(slices)) == number))
    return reduce(DataFrame.unionByName, parts)


def _count(pool: DataFrame) -> int:
    """Return no less than the number of keys of a pool."""
    row = pool.agg(F.sum(F.coalesce(F.size("bands"), F.lit(0)) + len(EXACT)).alias("n")).first()
    return int(row["n"] or 0) if row is not None else 0


def write_by_slice(root: Root, keys: DataFrame, relative: str, *, slices: int) -> None:
    """Write keys by slice, a file each."""
    by_slice = keys.withColumn("slice", F.pmod("key", F.lit(slices))).repartition("slice").sortWithinPartitions("kind", "key")
    by_slice.write.mode("overwrite").partitionBy("slice").parquet(root.at(relative))


def keys_of(rows: DataFrame, settings: Dedup | None) -> DataFrame:
    """Return kind, key, nr of the documents: all kinds, or those by which the settings find duplicates.

    Exact keys are hashes here, and are compared in full once their documents are called.
    """
    found = rows.select(F.lit("lsh").alias("kind"), F.explode("bands").alias("key"), "nr")
    for kind, column in EXACT.items():
        if settings is None or kind in _kinds(settings):
            there = rows.where(F.col(column).isNotNull())
            found = found.unionByName(there.select(F.lit(kind).alias("kind"), F.xxhash64(column).alias("key"), "nr"))
    return found


def _kinds(settings: Dedup) -> tuple[str, ...]:
    """Name the kinds of keys by which the settings find duplicates."""
    wanted = {"url": settings.exact_url != "off", "text": settings.exact_text, "digest": settings.exact_digest}
    return ("lsh", *(kind for kind in EXACT if wanted[kind]))


def slices_of(keys: int) -> int:
    """Return the power of two that leaves a slice at most KEYS_AT_ONCE keys; powers of two, so that slices of two dumps fit.

    >>> slices_of(0), slices_of(4_000_001), slices_of(9_000_000)
    (1, 2, 4)
    """
    slices = 1
    while slices * KEYS_AT_ONCE < keys:
        slices *= 2
    return slices
