"""The methods: what each makes of a document that its step sees. A method says what it looked at, the cut, and how many copies stay."""

from dataclasses import dataclass
from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.engine.draw import draw
from jobs.sampling.cuts import Wanted, cuts, passed
from jobs.sampling.draws import key_of
from jobs.sampling.ensemble import ensemble
from jobs.sampling.factors import CLASS, class_of, rehydrated, tempered
from jobs.sampling.importance import weighed
from jobs.sampling.method_settings import (
    Buckets,
    Budget,
    Dsir,
    Pareto,
    Rehydrate,
    Softmax,
    Temperature,
    Threshold,
    Tiers,
    Top,
    edges_of,
)
from jobs.sampling.pool import UNMEASURED, column, group_of, seen_by
from jobs.sampling.settings import Step
from jobs.sampling.work import Work

REWRITTEN = ("reason", "copies", "steps", "bucket")


@dataclass(frozen=True)
class Verdict:
    """Give the rows with what the columns need, and for each row: the value, the cut, the copies that stay, and its bucket if any."""

    rows: DataFrame
    value: Column
    cut: Column
    copies: Column
    bucket: Column | None = None


def taken(rows: DataFrame, work: Work) -> DataFrame:
    """Take one step: return the rows with new `reason`, `copies` and `steps`.

    A document that the step should judge and cannot, since something was not measured, has failed.
    """
    meant, before = F.col(column("applies", work.place)), rows.columns
    ready = rows.withColumn("key", key_of(work.step)).withColumn("group", group_of(rows, work.place))
    several = getattr(work.step.method, "by", None)
    if isinstance(several, tuple):
        ready = ensemble(ready, [column(f"value_{n}", work.place) for n in range(len(several))], work)
    else:
        ready = ready.withColumn("value", _value(ready, work))
    ready = ready.withColumn("unit", _unit(ready, work))
    verdict = _verdict(ready, work)
    judged = verdict.rows.select(
        *(name for name in before if name not in REWRITTEN),
        "reason",
        F.col("bucket").alias("before"),
        F.col("copies").alias("old"),
        F.col("steps").alias("earlier"),
        verdict.value.alias(
            "looked_at"
        ),  # no name of a column that the verdict rests on: an alias in a select may stand for it
        verdict.cut.alias("held_against"),
        verdict.copies.cast("long").alias("new"),
        (verdict.bucket if verdict.bucket is not None else F.col("bucket")).alias("named"),
    )
    there = F.col("reason").isNull()
    sees = there & F.coalesce(meant, F.lit(False))
    lost = there & meant.isNull()
    evidence = F.struct(
        F.lit(work.step.name).alias("step"),
        F.col("looked_at").alias("value"),
        F.col("held_against").alias("cut"),
        F.col("new").alias("copies"),
    )
    reason = F.when(lost, F.lit(UNMEASURED)).when(sees & (F.col("new") == 0), F.lit(work.step.name)).otherwise(F.col("reason"))
    return judged.select(
        *(name for name in before if name not in REWRITTEN),
        reason.alias("reason"),
        F.when(lost, F.lit(0)).when(sees, F.col("new")).otherwise(F.col("old")).alias("copies"),
        F.when(sees, F.concat("earlier", F.array(evidence))).otherwise(F.col("earlier")).alias("steps"),
        _bucket(work.step, sees=sees, passed_over=there & ~sees & ~lost).alias("bucket"),
    )


def _bucket(step: Step, *, sees: Column, passed_over: Column) -> Column:
    """Return the bucket that a document has after the step; one that it is not meant for keeps the name that it has."""
    if step.buckets is None:
        return F.col("before")
    return (
        F.when(sees, F.col("named"))
        .when(passed_over, F.coalesce("before", F.lit(step.buckets.otherwise)))
        .otherwise(F.col("before"))
    )


def _value(rows: DataFrame, work: Work) -> Column:
    """Return the value that orders documents; without one, chance does."""
    name = column("value", work.place)
    return F.col(name) if name in rows.columns else draw(F.col("key"))


def _unit(rows: DataFrame, work: Work) -> Column:
    name = column("unit", work.place)
    return F.col(name) if name in rows.columns else F.lit(1).cast("long")


def _verdict(rows: DataFrame, work: Work) -> Verdict:
    method = work.step.method
    match method:
        case Top():
            return _top(rows, work, method.share)
        case Softmax():
            return _softmax(rows, work, method)
        case Threshold():
            return _threshold(rows, method)
        case Pareto():
            return _pareto(rows, method)
        case Temperature():
            return _temperature(rows, work, method)
        case Tiers():
            return _tiers(rows, work, method)
        case Budget():
            return _budget(rows, work, method)
        case Rehydrate():
            return _rehydrate(rows, work, method)
        case Dsir():
            return _dsir(rows, work, method)
        case Buckets():
            return _buckets(rows, work, method)


def _with_cuts(rows: DataFrame, work: Work, wanted: Wanted, *, weight: Column) -> DataFrame:
    """Add the cuts of each row's group, and `passed`, how many of them the row does not stand before."""
    seen = seen_by(rows, work.place).select("id", "group", "value", "key", weight.alias("weight"))
    found = cuts(seen, wanted, once=work.once, few=work.few)
    return rows.join(found, on="group", how="left").withColumn("passed", passed(F.col("cuts")))


def _top(rows: DataFrame, work: Work, share: float) -> Verdict:
    found = _with_cuts(rows, work, Wanted(shares=(Decimal(repr(share)),)), weight=F.lit(1).cast("long"))
    stays = F.col("passed") == 0
    return Verdict(found, F.col("value"), F.col("cuts")[0]["value"], F.when(stays, F.col("copies")).otherwise(F.lit(0)))


def _softmax(rows: DataFrame, work: Work, softmax: Softmax) -> Verdict:
    """Add a number of Gumbel's distribution to each value; the largest sums are a draw without replacement by e^value."""
    value = F.col("value") / F.lit(softmax.temperature) + _gumbel()
    return _top(rows.withColumn("value", value), work, softmax.share)


def _gumbel() -> Column:
    return -F.log(-F.log(draw(F.col("key"))))


def _dsir(rows: DataFrame, work: Work, dsir: Dsir) -> Verdict:
    """Draw without replacement by DSIR's weights. The value is the weight; the cut is what it had to exceed with the document's draw."""
    target, features = work.targets[work.step.name], column("features", work.place)
    weights = work.once("weights", lambda: weighed(seen_by(rows, work.place), features, target, dsir))
    ready = rows.join(weights, on="id", how="left").withColumn("value", F.col("weight") + _gumbel())
    share, amount = dsir.share, dsir.amount or 0
    drawn = _top(ready, work, share) if share is not None else _within_amount(ready, work, amount)
    return Verdict(drawn.rows, F.col("weight"), drawn.cut - _gumbel(), drawn.copies)


def _threshold(rows: DataFrame, threshold: Threshold) -> Verdict:
    low, high = (F.lit(bound).cast("double") for bound in (threshold.min, threshold.max))
    value = F.col("value")
    below, above = F.coalesce(value < low, F.lit(False)), F.coalesce(value > high, F.lit(False))
    cut = F.when(above, high).otherwise(F.coalesce(low, high))
    return Verdict(rows, value, cut, F.when(below | above, F.lit(0)).otherwise(F.col("copies")))


def _pareto(rows: DataFrame, pareto: Pareto) -> Verdict:
    """Draw a Pareto number x, P(x > t) = (1 + t)^-alpha; the document stays if x > 1 - score, which is score > 1 - x."""
    cut = F.lit(2.0) - F.pow(draw(F.col("key")), F.lit(-1 / pareto.alpha))
    stays = F.col("value") > cut
    return Verdict(rows, F.col("value"), cut, F.when(stays, F.col("copies")).otherwise(F.lit(0)))


def _temperature(rows: DataFrame, work: Work, temperature: Temperature) -> Verdict:
    found = tempered(seen_by(rows, work.place), temperature, once=work.once)
    return _repeated(rows.join(found, on="group", how="left"), F.col("factor"))


def _rehydrate(rows: DataFrame, work: Work, rehydrate: Rehydrate) -> Verdict:
    classed = rows.withColumn(CLASS, class_of(F.col("value"), rehydrate.sizes))
    came = classed.where(F.col(column("applies", work.place)))
    found = rehydrated(came, rehydrate, once=work.once)
    return _repeated(classed.join(found, on=["group", CLASS], how="left"), F.col("factor"))


def _tiers(rows: DataFrame, work: Work, tiers: Tiers) -> Verdict:
    if tiers.shares:
        rows = _with_cuts(rows, work, Wanted(shares=tiers.edges), weight=F.lit(1).cast("long"))
        tier = F.col("passed")
    else:
        value, none = F.col("value"), F.lit(0)
        tier = sum((F.when(value < F.lit(float(edge)), F.lit(1)).otherwise(none) for edge in tiers.at), none)
    copies = F.array(*[F.lit(float(number)) for number in tiers.copies])
    return _repeated(rows, F.get(copies, tier))


def _buckets(rows: DataFrame, work: Work, buckets: Buckets) -> Verdict:
    """Name the bucket that a document stands in; the cut is the value at which its bucket ends, of the last one begins."""
    found = _with_cuts(rows, work, Wanted(shares=edges_of(buckets.shares)), weight=F.lit(1).cast("long"))
    cut = F.get(F.col("cuts"), F.least(F.col("passed"), F.lit(len(buckets.shares) - 1)))["value"]
    name = F.get(F.array(*[F.lit(name) for name in buckets.names]), F.col("passed"))
    return Verdict(found, F.col("value"), cut, F.col("copies"), name)


def _repeated(rows: DataFrame, factor: Column) -> Verdict:
    """Multiply the copies by a factor; chance decides whether the fraction is a copy, so the expected number is exact."""
    expected = F.col("copies").cast("double") * factor
    chance = draw(F.col("key"))
    return Verdict(rows, expected, chance, F.ceil(expected - chance))


def _budget(rows: DataFrame, work: Work, budget: Budget) -> Verdict:
    return _within_amount(rows, work, budget.amount)


def _within_amount(rows: DataFrame, work: Work, amount: int) -> Verdict:
    """Take documents in order while they fit; of the first that does not fit whole, as many copies as do."""
    weight = F.col("unit") * F.col("copies")
    found = _with_cuts(rows, work, Wanted(amount=amount), weight=weight)
    cut = F.col("cuts")[0]
    fits = F.floor(cut["room"] / F.col("unit"))
    partly = F.when(F.col("id") == cut["id"], fits).otherwise(F.lit(0))
    copies = F.when(F.col("passed") == 0, F.col("copies")).otherwise(partly)
    return Verdict(found, F.col("value"), cut["value"], copies)
