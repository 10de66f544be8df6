"""Decide which part of which document stands in which sequence, from lengths alone, and which shard each sequence is in.

Buffers of documents are chosen by a hash of id and copy, and sorted by another. So neither Spark's partitions nor the chunks show in
what is packed together.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import LongType, StructType

from jobs.engine.job import Job
from jobs.engine.small_table import small_table
from jobs.pack.settings import Pack
from jobs.pack.tokenised import tokens_of
from udfs.tokens.buffer_batches import PIECES, PackBuffers

DOCUMENTS = 100_000  # of a buffer, copies counted: some 100 MB of a worker; more would save no padding that can be seen
CELL_BITS = 16  # keys are counted by their upper bits, so the driver sees 65,536 numbers at most


def pieces(job: Job[Pack], folder: str) -> DataFrame:
    """Return the pieces of all documents, PIECES' columns; they are written once (packing/<fingerprint>/pieces)."""
    return job.root.once(f"{folder}/pieces", lambda: _packed(job))


def _packed(job: Job[Pack]) -> DataFrame:
    seed = F.lit(job.settings.seed)
    lengths = (
        tokens_of(job.root).where("count > 0").select("id", "count", F.explode(F.expr("sequence(1L, copies)")).alias("copy"))
    )
    buffers = max(1, -(-lengths.count() // DOCUMENTS))
    rows = lengths.select(
        F.pmod(F.xxhash64(seed, "id", "copy"), F.lit(buffers)).alias("buffer"),
        F.xxhash64(F.lit("order"), seed, "id", "copy").alias("place"),
        "id",
        "copy",
        "count",
    )
    together = rows.repartition("buffer").sortWithinPartitions("buffer", "place", "id", "copy").drop("place")
    worker = PackBuffers(job.settings.sequence_length, job.settings.method)
    return together.mapInArrow(worker, from_arrow_schema(PIECES))


@dataclass(frozen=True)
class Order:
    """Say how an epoch's sequences lie in shards: a sequence is in the shard whose number is that of the bounds at or below its key."""

    sequences: int
    shards: int
    bounds: tuple[int, ...]


def order(job: Job[Pack], folder: str, found: DataFrame, *, epoch: int) -> Order:
    """Return an epoch's order; it is written once. Shards differ by one sequence.

    1. The keys are counted by their upper bits.
    2. The counts tell in which cell each bound lies, and at which place there.
    3. Only the keys of those cells are sorted, a cell at a time.
    """
    stored = job.root.read_json(f"{folder}/order-{epoch}.json")
    if stored is None:
        stored = _ordered(job, found, epoch=epoch)
        job.root.write_json(f"{folder}/order-{epoch}.json", stored)
    return Order(int(stored["sequences"]), int(stored["shards"]), tuple(map(int, stored["bounds"])))


def key(job: Job[Pack], epoch: int) -> Column:
    """Return the hash by which an epoch's sequences are sorted."""
    return F.xxhash64(F.lit("epoch"), F.lit(job.settings.seed), F.lit(epoch), "buffer", "sequence")


def _ordered(job: Job[Pack], found: DataFrame, *, epoch: int) -> dict[str, Any]:
    keys = found.where("at = 0").select(key(job, epoch).alias("key"))
    celled = keys.withColumn("cell", F.shiftright("key", 64 - CELL_BITS))
    counts = sorted((int(row["cell"]), int(row["n"])) for row in celled.groupBy("cell").agg(F.count("*").alias("n")).collect())
    total = sum(n for _, n in counts)
    shards = max(1, -(-total // (job.settings.shard_tokens // job.settings.sequence_length)))
    places = [shard * total // shards for shard in range(1, shards)]
    wanted = list(placed_in_cells(counts, places))
    bounds: list[int] = []
    if wanted:
        asked = small_table(job.root.spark, wanted, "cell long, within long")
        cells = asked.groupBy("cell").agg(F.collect_list("within").alias("places"))
        sorted_keys = celled.withColumn("cell", F.col("cell").cast("long")).join(
            F.broadcast(cells.select("cell")), on="cell", how="left_semi"
        )
        lists = (
            sorted_keys.groupBy("cell")
            .agg(F.sort_array(F.collect_list("key")).alias("keys"))
            .join(cells, on="cell", how="inner")
        )
        bounds = sorted(
            int(row["bound"])
            for row in lists.select(F.explode(F.expr("transform(places, p -> get(keys, int(p)))")).alias("bound")).collect()
        )
    return {"sequences": total, "shards": shards, "bounds": bounds}


def placed_in_cells(counts: Iterable[tuple[int, int]], places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Say of each place, rising, in a list that is cut into cells, which cell it is in, and at which place of it.

    >>> list(placed_in_cells([(-1, 3), (4, 2)], [0, 2, 3]))
    [(-1, 0), (-1, 2), (4, 0)]
    """
    cells = iter(counts)
    before, (cell, n) = 0, (0, 0)
    for place in places:
        while place >= before + n:
            before, (cell, n) = before + n, next(cells)
        yield cell, place - before


@dataclass(frozen=True)
class WithShard:
    """Add to batches with a column `key` the shard of each, in a worker: a join by ranges would compare each with every bound.

    Rows of the shards that are done are left out, here too: as literals of a query each of them would cost a call to the JVM.
    """

    bounds: tuple[int, ...]
    done: tuple[int, ...]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Search each key among the bounds."""
        bounds = np.asarray(self.bounds, np.int64)
        for batch in batches:
            shards = np.searchsorted(bounds, batch.column("key").to_numpy(zero_copy_only=False), side="right")
            placed = batch.append_column("shard", pa.array(shards, pa.int64()))
            yield placed.filter(pa.array(~np.isin(shards, self.done))) if self.done else placed


def with_shards(job: Job[Pack], found: DataFrame, made: Order, *, epoch: int, done: Collection[int]) -> DataFrame:
    """Return the pieces with the key and the shard of their sequences, without those of shards that are done."""
    keyed = found.withColumn("key", key(job, epoch))
    worker = WithShard(made.bounds, tuple(done))
    return keyed.mapInArrow(worker, StructType([*keyed.schema.fields]).add("shard", LongType()))
