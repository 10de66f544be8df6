"""Write an epoch's shards: the tokens go through one shuffle, to the task that writes their shard and others."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.job import Job
from jobs.engine.local_store import LocalStore
from jobs.engine.markers import read_folder
from jobs.pack.sequences import Order, with_shards
from jobs.pack.settings import Pack
from jobs.pack.tables import PACKED
from jobs.pack.tokenised import tokens_of
from jobs.pack.vocabulary import shape, special
from udfs.tokens.shard_batches import DONE, Part, WriteShards
from udfs.tokens.shard_place import PARTS

Marker = dict[str, Any]
TASK_TOKENS = 16_000_000  # of the shards that a task writes, unless one has more: a task costs some 20 ms, whatever it writes


def write_shards(job: Job[Pack], found: DataFrame, made: Order, *, epoch: int, key: str) -> None:
    """Write the shards of an epoch that are not finished under this fingerprint."""
    done = {marker["shard"] for marker in markers_of(job, key) if marker["epoch"] == epoch}
    if len(done) < made.shards and made.sequences:
        parts = _parts(job, with_shards(job, found, made, epoch=epoch, done=done))
        worker = WriteShards(
            folder=folder_of(job),
            epoch=epoch,
            formats=job.settings.formats,
            shape=shape(job),
            pad=special(job).pad,
            fingerprint=key,
        )
        together = parts.repartition(_tasks(job, made, left=made.shards - len(done)), "shard")
        in_order = together.sortWithinPartitions("shard", "key", "buffer", "sequence", "at")
        in_order.mapInArrow(worker, from_arrow_schema(DONE)).agg(F.sum("sequences")).collect()
    job.root.delete(f"{PACKED.path}/{PARTS}")


def _tasks(job: Job[Pack], made: Order, *, left: int) -> int:
    """Return how many tasks write the shards that are left: few for small shards, but enough for all cores."""
    tokens = made.sequences * job.settings.sequence_length * left // made.shards
    cores = job.root.spark.sparkContext.defaultParallelism
    return min(left, max(-(-tokens // TASK_TOKENS), 2 * cores))


def markers_of(job: Job[Pack], key: str) -> list[Marker]:
    """Read the markers that workers have written of finished shards, in order; those of another fingerprint are left out."""
    found = read_folder(job.root.store, f"{PACKED.path}/_chunks").values()
    return sorted((one for one in found if one.get("fingerprint") == key), key=lambda one: (one["epoch"], one["shard"]))


def folder_of(job: Job[Pack]) -> str:
    """Return the folder of the product: on the disk that workers see, or s3://."""
    store = job.root.store
    return str(store.folder / PACKED.path) if isinstance(store, LocalStore) else f"{job.root.path.rstrip('/')}/{PACKED.path}"


def _parts(job: Job[Pack], placed: DataFrame) -> DataFrame:
    """Return placed pieces with their tokens.

    A document's pieces come to its tokens as one list. So its tokens are copied once, however many pieces it has.
    """
    size = shape(job).token_bytes
    fields = [name for name in Part._fields if name not in ("id", "tokens")]
    lists = placed.groupBy("id").agg(F.collect_list(F.struct(*fields)).alias("pieces"))
    rows = tokens_of(job.root).where("count > 0").select("id", "tokens").join(lists, on="id", how="inner")
    cut = f"substring(tokens, int(p.`start` * {size} + 1), int((p.`end` - p.`start`) * {size}))"
    named = ", ".join(f"'{name}', p.`{name}`" for name in fields)
    parts = rows.select(
        "id", F.explode(F.expr(f"transform(pieces, p -> named_struct({named}, 'tokens', {cut}))")).alias("part")
    )
    return parts.select(*(F.col(name) if name == "id" else F.col(f"part.{name}") for name in Part._fields))
