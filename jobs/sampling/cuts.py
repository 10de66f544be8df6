"""Exact cuts: where a share or an amount of a pool ends, when its documents stand in the order of a value.

The order is: larger values first, then smaller keys (a hash of the id), then the id. No table is sorted, and nothing is approximate:

1. A query counts each group: its documents, their weight, its least and largest value.
2. Groups with more than FEW documents are narrowed. A pass cuts the values between the bounds into BINS equal parts, counts each
   part, and goes on with the part in which the cut lies. If all its documents have one value, it cuts the keys instead.
3. The few documents that are left in each group are put in order, and the first that no longer fits is the cut.

A pass shuffles counts, at most BINS a task and cut. The driver collects one number a pass: the most documents that are left in a group.
Passes are bounded: after PASSES, step 3 puts in order what is left, however much that is. So the passes decide how much is sorted, and
never which document is the cut.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

FEW = 100_000  # documents of one group that one task puts in order
BINS = 4096
PASSES = 12
Once = Callable[[str, Callable[[], DataFrame]], DataFrame]  # writes a table under a name, unless it is there, and reads it back


@dataclass(frozen=True)
class Wanted:
    """Say how much of each group stands before a cut: shares of its weight, one cut each, or an amount of weight."""

    shares: tuple[Decimal, ...] = ()
    amount: int = 0

    def targets(self, total: Column) -> Column:
        """Return an array of the weights before each cut. A half is rounded up."""
        if not self.shares:
            return F.array(F.lit(self.amount).cast("long"))
        whole = total.cast("decimal(20,0)")  # with a share of 12 digits the product has 34, so it is exact
        parts = [F.round(whole * F.lit(f"{share:.12f}").cast("decimal(13,12)")).cast("long") for share in self.shares]
        return F.array(*parts)


def cuts(rows: DataFrame, wanted: Wanted, *, once: Once, few: int = FEW, bins: int = BINS) -> DataFrame:
    """Find each group's cuts; a group of which everything stands before a cut does not have that cut.

    `rows` has id, group, value (a finite double), key and weight (not negative). Returns group and cuts: an array of structs of place
    (which of the targets), value, key and id of the first document that does not fit whole, and room: how much weight is left for it.
    """
    bounds = once("bounds", lambda: _bounds(rows, wanted))
    for number in range(PASSES):
        if _most(bounds) <= few:
            break
        bounds = once(f"bounds-{number + 1}", lambda before=bounds: _narrowed(rows, before, few=few, bins=bins))  # type: ignore[misc]
    return once("cuts", lambda: _first_that_do_not_fit(rows, bounds))


def passed(cuts: Column) -> Column:
    """Count the cuts that lie before a row of value, key and id, or at it; null counts as none."""
    behind = F.filter(cuts, lambda cut: _at_or_behind(cut))
    return F.coalesce(F.greatest(F.size(behind), F.lit(0)), F.lit(0))


def _at_or_behind(cut: Column) -> Column:
    value, key, name = F.col("value"), F.col("key"), F.col("id")
    same = value == cut["value"]
    return (value < cut["value"]) | (same & ((key > cut["key"]) | ((key == cut["key"]) & (name >= cut["id"]))))


def _bounds(rows: DataFrame, wanted: Wanted) -> DataFrame:
    """Return a row for each group and cut: place, target, what is taken before the bounds (nothing), the bounds, and n within them."""
    counted = rows.groupBy("group").agg(F.sum("weight").alias("total"), *_extent())
    cut = F.posexplode(wanted.targets(F.col("total"))).alias("place", "target")
    every = counted.select("group", "total", *EXTENT, cut).where("target < total")
    return every.select("group", "place", "target", F.lit(0).cast("long").alias("taken"), *EXTENT)


EXTENT = ("n", "low", "high", "low_key", "high_key")


def _extent() -> list[Column]:
    return [
        F.count("*").alias("n"),
        F.min("value").alias("low"),
        F.max("value").alias("high"),
        F.min("key").alias("low_key"),
        F.max("key").alias("high_key"),
    ]


def _most(bounds: DataFrame) -> int:
    row = bounds.agg(F.max("n").alias("n")).first()
    return int(row["n"] or 0) if row is not None else 0


def _within(rows: DataFrame, bounds: DataFrame) -> DataFrame:
    """Return the rows that lie within the bounds of their group, once for each cut, with the bounds."""
    inside = (F.col("value") >= F.col("low")) & (F.col("value") <= F.col("high"))
    one_value = F.col("low") == F.col("high")
    keys = (F.col("key") >= F.col("low_key")) & (F.col("key") <= F.col("high_key"))
    return rows.join(bounds, on="group", how="inner").where(inside & (~one_value | keys))


def _narrowed(rows: DataFrame, bounds: DataFrame, *, few: int, bins: int) -> DataFrame:
    """Narrow the bounds of groups with more than `few` rows to the part in which the cut lies."""
    large = bounds.where(F.col("n") > few)
    # halves, since the whole distance between two doubles may be infinite
    by_value = _part(F.col("high"), F.col("value"), F.col("high"), F.col("low"))
    by_key = _part(F.col("key"), F.col("low_key"), F.col("high_key"), F.col("low_key"))
    part = (
        F.when(F.col("high") > F.col("low"), by_value).when(F.col("high_key") > F.col("low_key"), by_key).otherwise(F.lit(0.0))
    )
    inside = _within(rows, large).select(
        "group", "place", "target", "taken", "value", "key", "weight", F.floor(part * bins).alias("part")
    )
    counted = inside.groupBy("group", "place", "target", "taken", "part").agg(F.sum("weight").alias("weight"), *_extent())
    narrowed = _reached(counted, F.col("part"))
    same = ("group", "place", "target", "taken", *EXTENT)
    return narrowed.select(*same).unionByName(bounds.where(F.col("n") <= few).select(*same))


def _part(top: Column, bottom: Column, high: Column, low: Column) -> Column:
    """Return how far `top` lies from `bottom`, from 0 to 1, of the distance between high and low; rounding keeps the order."""
    half = F.lit(0.5)
    return (top.cast("double") * half - bottom.cast("double") * half) / (high.cast("double") * half - low.cast("double") * half)


def _first_that_do_not_fit(rows: DataFrame, bounds: DataFrame) -> DataFrame:
    inside = _within(rows, bounds).select("group", "place", "target", "taken", "value", "key", "id", "weight")
    found = _reached(inside, F.desc("value"), F.col("key"), F.col("id"))
    room = (F.col("target") - F.col("taken")).alias("room")
    cut = F.struct("place", "value", "key", "id", room)
    return found.groupBy("group").agg(F.sort_array(F.collect_list(cut)).alias("cuts"))  # as many as there are targets


def _reached(rows: DataFrame, *order: Column) -> DataFrame:
    """Return of each group and cut the row at which the weight goes beyond the target, with `taken` up to that row."""
    before = Window.partitionBy("group", "place").orderBy(*order).rowsBetween(Window.unboundedPreceding, -1)
    taken = F.col("taken") + F.coalesce(F.sum("weight").over(before), F.lit(0))
    return rows.withColumn("taken", taken).where("taken <= target AND taken + weight > target")
