"""DSIR's weights: how much likelier a document's hashed n-grams are in a target corpus than in the pool."""

import math
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.sampling.method_settings import Dsir
from jobs.sampling.targets import Target
from udfs.signals.hashed_ngrams import BUCKETS

FLOOR = 1e-8  # what DSIR adds to a probability before it takes the logarithm


def weighed(seen: DataFrame, features: str, target: Target, dsir: Dsir) -> DataFrame:
    """Return id and weight of the documents that a step sees: the logarithm of the ratio of probabilities.

    The pool's counts are whole numbers, so no order of additions shows. The driver collects a number for each bucket. A document's sum
    is taken in the order of buckets. Source: DSIR, section 4; p-lambda/dsir HashedNgramDSIR, which takes a sample of a large pool.
    """
    sums = seen.select(F.explode(features).alias("ngram")).groupBy("ngram.bucket").agg(F.sum("ngram.count").alias("n"))
    counted = {row["bucket"]: int(row["n"]) for row in sums.collect()}
    pool = [counted.get(bucket, 0) for bucket in range(BUCKETS)]
    # one text that Spark turns into a constant: its parser takes seconds for an array of as many numbers
    ratios = F.split(F.lit(" ".join(map(repr, log_ratios(target.counts, pool)))), " ").cast("array<double>")
    total = F.aggregate(F.col(features), F.lit(0).cast("long"), lambda sum_, one: sum_ + one["count"])
    weight = F.aggregate(
        F.col(features), F.lit(0.0), lambda sum_, one: sum_ + one["count"].cast("double") * F.get(ratios, one["bucket"])
    )
    rows = seen.select("id", weight.alias("weight"), total.alias("ngrams"))
    if dsir.length_correction == "mean":
        weight = F.col("weight") / F.greatest(F.col("ngrams"), F.lit(1))
    elif dsir.length_correction == "poisson":
        weight = F.col("weight") + _by_length(rows, target)
    else:
        weight = F.col("weight")
    return rows.select("id", weight.alias("weight"))


def log_ratios(target: Sequence[int], pool: Sequence[int]) -> list[float]:
    """Return of each bucket the logarithm of its share of the target over its share of the pool.

    >>> log_ratios([1, 1, 0], [2, 2, 0])
    [0.0, 0.0, 0.0]
    """
    targets, pools = max(sum(target), 1), max(sum(pool), 1)
    return [math.log(t / targets + FLOOR) - math.log(p / pools + FLOOR) for t, p in zip(target, pool, strict=True)]


def _by_length(rows: DataFrame, target: Target) -> Column:
    """Return the logarithm of the ratio of Poisson probabilities of a document's tokens; n-grams are twice the tokens less one.

    Source: togethercomputer/RedPajama-Data core/quality_signals/importance_weights.py, which counts characters.
    """
    tokens = F.floor((F.col("ngrams") + 1) / 2)
    row = rows.agg(F.sum(tokens).alias("tokens"), F.count("*").alias("n")).first()
    mean = float(row["tokens"] or 0) / max(int(row["n"]), 1) if row is not None else 0.0
    return F.log(_poisson(tokens, target.tokens) + F.lit(FLOOR)) - F.log(_poisson(tokens, mean) + F.lit(FLOOR))


def _poisson(count: Column, mean: float) -> Column:
    """Return the probability of a count; its factorial is Stirling's, of a count ten higher, with a relative error under 1e-12."""
    n = count.cast("double") + F.lit(10.0)
    large = n * F.log(n) - n + F.log(F.lit(2 * math.pi) * n) / 2 + 1 / (12 * n) - 1 / (360 * F.pow(n, F.lit(3.0)))
    large = large + 1 / (1260 * F.pow(n, F.lit(5.0))) - 1 / (1680 * F.pow(n, F.lit(7.0)))
    steps = sum((F.log(n - F.lit(float(down))) for down in range(10)), F.lit(0.0))
    return F.exp(count.cast("double") * F.lit(math.log(max(mean, FLOOR))) - F.lit(mean) - (large - steps))
