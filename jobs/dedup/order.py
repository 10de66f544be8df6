"""Documents in survivor order, each with its number: from here on dedup moves numbers, and "better" is "smaller"."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dedup.settings import Dedup
from jobs.dedup.survivor import order
from jobs.engine import documents, signal_sets
from jobs.engine.numbering import numbered, write_numbered
from jobs.engine.root import Root
from jobs.recipe.minhash import MinHash

COLUMNS = ("id", "chunk", "url_key", "digest", "date", "text_hash", "shingle_count", "bands")


def write_order(root: Root, work: str, *, kept: DataFrame, settings: Dedup, minhash: MinHash | None) -> None:
    """Write the documents that are kept so far (id, chunk) in survivor order, with all that dedup asks of them.

    Sorting once means that a row of a bucket is two longs: the rank of a document, its identity and its place in the order are one
    number.
    """
    rows = asked_of(root, kept=kept, minhash=minhash)
    write_numbered(root, work, ordered=rows.orderBy(*order(settings.survivor)).select(*COLUMNS))


def in_one_partition(root: Root, *, kept: DataFrame, settings: Dedup, minhash: MinHash | None) -> DataFrame:
    """Return the documents in `kept` in survivor order, with what they may share, sorted by one task.

    A sort by several tasks reads all rows once more first, by a job of its own, to see which task gets which.
    """
    rows = asked_of(root, kept=kept, minhash=minhash)
    return rows.repartition(1).sortWithinPartitions(*order(settings.survivor)).select(*COLUMNS)


def asked_of(root: Root, *, kept: DataFrame, minhash: MinHash | None) -> DataFrame:
    """Return the documents in `kept` (id and chunk) with their signals and what they may share; without `minhash` no bands."""
    bands = band_keys(minhash) if minhash is not None else F.lit(None).cast("array<bigint>")
    signals = signal_sets.signals(root).withColumn("bands", bands).drop("chunk", "edits", "error", "minhash")
    rows = documents.documents(root).where("outcome = 'extracted'").select("id", "url_key", "digest", "date")
    return kept.join(signals, on="id", how="inner").join(rows, on="id", how="inner")


def where(root: Root, work: str) -> DataFrame:
    """Say of each number, a published document's too, which document it is: nr, id, chunk, dump (null for the run's own)."""
    own = numbered(root, work).withColumn("dump", F.lit(None).cast("string")).select("nr", "id", "chunk", "dump")
    return own.unionByName(root.table(f"{work}/called").select(*own.columns)) if root.exists(f"{work}/called") else own


def band_keys(minhash: MinHash) -> Column:
    """Cut the binary signature into one 64-bit key a band, in Spark: no Python worker runs, and bands can change for nothing."""
    width = 4 * minhash.rows  # the signature is little-endian uint32 values, band after band
    cut = (
        f"transform(sequence(0, {minhash.bands - 1}), band -> xxhash64(band, substring(minhash, band * {width} + 1, {width})))"
    )
    return F.when(F.col("minhash").isNotNull(), F.expr(cut))
