"""DCLM's paragraph and document dedup by n-grams seen before: in order through a Bloom filter a shard, or exactly and in no order."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.errors import RecipeError
from jobs.passages.settings import Bff
from jobs.passages.texts import Work, cut, errors, measure, once, with_chunk
from udfs.edits.edited_batches import Cuts, Keys
from udfs.passages.bloom_paragraphs import KIND, NGRAM_SCHEMA, SEEN_SCHEMA, Ngrams, SeenBefore, cut_paragraphs
from udfs.similarity.bloom_filter import bits_for, hash_count

WHOLE = "bff_document"


def cut_seen_paragraphs(work: Work, settings: Bff) -> tuple[DataFrame, DataFrame]:
    """Write the cuts of the paragraphs that go.

    Return nr, ngrams_seen and ngrams of every document, and nr and error of those whose n-grams could not be made.

    A document of whose n-grams more than the threshold were seen before goes whole.
    """
    ngrams = Keys(Ngrams(settings.min_ngram, settings.max_ngram, settings.shards), NGRAM_SCHEMA)
    keys = measure(work, "keys", ngrams, NGRAM_SCHEMA)
    seen = once(work, "seen", lambda: with_chunk(work, _seen(work, keys, settings)))
    whole = F.when(F.col("ngrams_seen") / F.col("ngrams") > settings.max_seen_ratio, F.lit(WHOLE)).alias("reason")
    marks = seen.select("nr", "chunk", "marks", whole).where("size(marks) > 0 OR reason IS NOT NULL")
    cut(work, marks, cutter=Cuts(cut_paragraphs, KIND))
    return seen.select("nr", "ngrams_seen", "ngrams"), errors(keys)


def _seen(work: Work, keys: DataFrame, settings: Bff) -> DataFrame:
    """Return nr, marks (numbers of paragraphs), ngrams_seen, ngrams.

    The filter is sized for the n-grams that there are, counted in the shard that has most.
    """
    if settings.method == "exact":
        return seen_exactly(keys, threshold=settings.max_seen_ratio)
    count = F.aggregate("paragraphs", F.lit(0).cast("long"), lambda total, ngrams: total + F.size(ngrams))
    largest = keys.groupBy("shard").agg(F.sum(count).alias("n")).agg(F.max("n").alias("n")).first()
    items = int(largest["n"] or 0) if largest is not None else 0
    bits = bits_for(max(1, items), settings.max_false_positives)
    cores = int(work.root.spark.conf.get("spark.executor.cores", "0") or 0) or work.root.spark.sparkContext.defaultParallelism
    check_memory(bits=bits, items=items, at_once=min(cores, settings.shards), settings=settings)
    in_order = keys.repartitionByRange(settings.shards, "shard").sortWithinPartitions("shard", "nr")
    return in_order.mapInArrow(
        SeenBefore(settings.max_seen_ratio, bits, hash_count(bits, items)), from_arrow_schema(SEEN_SCHEMA)
    )


def check_memory(*, bits: int, items: int, at_once: int, settings: Bff) -> None:
    """Raise RecipeError if the filters that are open at once, one a task, need more than [passages.bff] max_memory_mb."""
    needed = at_once * bits / 8 / 2**20
    if needed > settings.max_memory_mb:
        shards = round(settings.shards * needed / settings.max_memory_mb) + 1 if at_once == 1 else None
        advice = f"shards = {shards}" if shards is not None else "more shards"
        raise RecipeError(
            f"[passages.bff] the largest of {settings.shards:,} shard(s) has {items:,} n-grams, whose filter at max_false_positives {settings.max_false_positives} takes "
            f"{bits / 8 / 2**20:,.0f} MB; {at_once} at once on an executor are {needed:,.0f} MB, over max_memory_mb = {settings.max_memory_mb:,}: the "
            f"stage stopped before it read a document in order. Raise max_memory_mb if the executors have it, or set {advice}"
        )


def seen_exactly(keys: DataFrame, *, threshold: float) -> DataFrame:
    """Return nr, marks, ngrams_seen, ngrams with nothing forgotten: an n-gram was seen if an earlier paragraph of its shard has it.

    Unlike the filter's pass, it counts n-grams of paragraphs that went as seen, and has no false positives.
    """
    paragraphs = keys.select("nr", "shard", F.posexplode("paragraphs").alias("at", "ngrams"))
    ngrams = paragraphs.select("nr", "shard", "at", F.explode("ngrams").alias("ngram"))
    place = F.struct("nr", "at")
    first = ngrams.groupBy("shard", "ngram").agg(F.min(place).alias("first"), F.count("*").alias("n")).where("n > 1").drop("n")
    again = ngrams.join(first, on=["shard", "ngram"], how="inner").where(place > F.col("first"))
    hits = again.groupBy("nr", "at").agg(F.count("*").alias("hits"))
    sized = paragraphs.select("nr", "at", F.size("ngrams").cast("long").alias("size")).join(hits, on=["nr", "at"], how="left")
    counted = sized.withColumn("hits", F.coalesce("hits", F.lit(0)))
    goes = F.when(F.col("hits") / F.col("size") > threshold, F.col("at"))
    return counted.groupBy("nr").agg(
        F.collect_list(goes).alias("marks"), F.sum("hits").alias("ngrams_seen"), F.sum("size").alias("ngrams")
    )
