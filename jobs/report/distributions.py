"""The distributions of the signals: axes by the percentiles of some documents, and then one pass over all numbers."""

import math
from collections.abc import Mapping
from typing import Literal

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.report.data import Histogram, Line, RuleLike
from jobs.report.small_hashes import smallest
from jobs.report.thresholds import thresholds_of, words
from udfs.signals.bin_counts import BELOW, COUNTS, PASSES, Axis, CountBins
from udfs.signals.definition import Signal

BINS = 40
QUANTILES = (0.005, 0.05, 0.5, 0.95, 0.995)  # the outer two are the range that is drawn
ACCURACY = 2000  # of approx_percentile: the rank is right within 1/2000 of the rows
SPREAD = 1_000_000  # rows that percentiles are taken of; of so many, the median's rank errs by as much again (0.5 / sqrt(rows))
LOG_FROM = 20.0  # a positive signal whose range spans this ratio, its median far left, gets a log axis
NOT_MEASUREMENTS = ("chunk",)


Kind = Literal["int", "float", "bool"]


def distributions(
    signals: DataFrame,
    rules: tuple[RuleLike, ...],
    *,
    catalogue: Mapping[str, Signal],
    rows: int,
    facts: DataFrame | None = None,
) -> tuple[tuple[Histogram, ...], int | None]:
    """Measure every numeric signal's distribution, and how many documents the rules keep if evaluated again.

    Percentiles, and so the axes, are those of all `rows`, or of SPREAD of them that a hash of the id chooses. Counts are of all.
    Signals that a rule reads come first, in the recipe's order. `facts` has a row for each id with what else rules name; it is joined
    for the counts.
    """
    kinds = numeric_columns(signals)
    lines = [(rule.reason, t) for rule in rules for t in thresholds_of(rule) if kinds.get(t.signal, "bool") != "bool"]
    used = [t.signal for _, t in lines] + [name for rule in rules for name in kinds if name in words(rule.keep)]
    names = list(dict.fromkeys([*used, *(name for name in catalogue if name in kinds), *kinds]))
    values = [_value(name, kinds[name]).alias(f"v{place}") for place, name in enumerate(names)]
    spreads = _spreads(_some(signals, rows).select(F.array(*values).alias("v"))) if names else {}
    axes = tuple(_axis(kinds[name], spreads[place]) for place, name in enumerate(names))
    judged = signals if facts is None else signals.join(facts, on="id", how="left")
    passes = _passes(judged, rules)
    known = F.lit(False) if passes is None else passes
    places = tuple((names.index(t.signal), t.op, t.value) for _, t in lines)
    counted = _counted(judged.select(*values, known.alias(PASSES)), CountBins(axes, places))
    total, passing = counted.get(("rows", 0, 0), (0, 0))
    return tuple(
        _histogram(
            catalogue.get(name) or Signal(name, "float", "", "", ""),
            axes[i],
            quantiles=spreads[i]["q"],
            total=total,
            bins={b: counted[what, s, b] for what, s, b in counted if (what, s) == ("bin", i)},
            judged=passes is not None,
            lines=tuple(
                Line(reason, t.op, t.value, t.conditional, counted.get(("line", j, 0), (0, 0))[0])
                for j, (reason, t) in enumerate(lines)
                if t.signal == name
            ),
        )
        for i, name in enumerate(names)
    ), None if passes is None else passing


def numeric_columns(signals: DataFrame) -> dict[str, Kind]:
    """Return the columns that can be drawn, with what they hold."""
    found: dict[str, Kind] = {}
    for field in signals.schema.fields:
        if field.name in NOT_MEASUREMENTS:
            continue
        if isinstance(field.dataType, T.BooleanType):
            found[field.name] = "bool"
        elif isinstance(field.dataType, T.IntegralType):
            found[field.name] = "int"
        elif isinstance(field.dataType, T.FractionalType):
            found[field.name] = "float"
    return found


def _value(name: str, kind: str) -> Column:
    """Return a signal as a double; NaN, like null, is unmeasured."""
    value = F.col(f"`{name}`").cast("double") if kind != "bool" else F.col(f"`{name}`").cast("int").cast("double")
    return F.when(~F.isnan(value), value)


def _passes(signals: DataFrame, rules: tuple[RuleLike, ...]) -> Column | None:
    """Return whether every rule keeps the row; None where a rule names what is not there."""
    measured = ["error IS NULL"] if "error" in signals.columns else []
    sql = " AND ".join([*measured, *(f"coalesce(({rule.sql}), false)" for rule in rules)]) or "true"
    try:
        signals.select(F.expr(sql))
    except AnalysisException:
        return None
    return F.expr(sql)


def _some(signals: DataFrame, rows: int) -> DataFrame:
    """Return all rows, or about SPREAD of them: those with the smallest hashes of their ids."""
    if rows <= SPREAD:
        return signals
    return signals.where(F.xxhash64("id") < F.lit(smallest(SPREAD / rows)))


def _spreads(values: DataFrame) -> dict[int, Row]:
    """Return for every signal, by its place: n, low, high and the QUANTILES q."""
    v = F.col("v")
    rows = (
        values.select(F.posexplode("v").alias("s", "v"))
        .groupBy("s")
        .agg(
            F.count(v).alias("n"),
            F.min(v).alias("low"),
            F.max(v).alias("high"),
            F.percentile_approx(v, list(QUANTILES), ACCURACY).alias("q"),
        )
    )
    return {row["s"]: row for row in rows.collect()}


def _axis(kind: Kind, spread: Row) -> Axis:
    """Choose the axis: the 0.5th to the 99.5th percentile, or the whole range where those two are the same."""
    if kind == "bool" or not spread["n"]:
        return Axis("bool" if kind == "bool" else "linear", 0.0, 2.0 if kind == "bool" else 1.0, 2)
    low, high = _finite(spread["q"][0], spread["q"][-1])
    if low == high:
        low, high = _finite(spread["low"], spread["high"])
    skewed = spread["q"][2] - low < (high - low) / 5
    if skewed and low >= (5.0 if kind == "int" else 1e-6) and high / low >= LOG_FROM:
        return Axis("log", low, high, BINS)
    if kind == "int":
        width = max(1, math.ceil((high - low + 1) / BINS))
        count = math.ceil((high - low + 1) / width)
        return Axis("whole", low, low + count * width, count)
    return Axis("linear", low, high if high > low else low + (abs(low) or 1.0), BINS)


def _finite(low: float, high: float) -> tuple[float, float]:
    bound = 1e300
    return max(-bound, min(bound, low)), max(-bound, min(bound, high))


def _counted(values: DataFrame, count: CountBins) -> dict[tuple[str, int, int], tuple[int, int]]:
    """Return the sums of COUNTS over all tasks, (n, passing) by (what, place, bin)."""
    sums = values.mapInArrow(count, from_arrow_schema(COUNTS)).groupBy("what", "place", "bin")
    rows = sums.agg(F.sum("n").alias("n"), F.sum("passing").alias("passing")).collect()
    return {(row["what"], row["place"], row["bin"]): (row["n"], row["passing"]) for row in rows}


def _histogram(
    signal: Signal,
    axis: Axis,
    *,
    quantiles: list[float] | None,
    total: int,
    bins: dict[int, tuple[int, int]],
    judged: bool,
    lines: tuple[Line, ...],
) -> Histogram:
    measured = sum(n for n, _ in bins.values())
    return Histogram(
        signal=signal.name,
        unit=signal.unit,
        definition=signal.definition,
        kind=axis.kind,
        low=axis.low,
        high=axis.high,
        bins=tuple(bins.get(b, (0, 0))[0] for b in range(axis.count)),
        passing=tuple(bins.get(b, (0, 0))[1] for b in range(axis.count)) if judged else (),
        below=bins.get(BELOW, (0, 0))[0],
        above=bins.get(axis.count, (0, 0))[0],
        measured=measured,
        unmeasured=total - measured,
        quantiles=(quantiles[1], quantiles[2], quantiles[3]) if quantiles else None,
        lines=lines,
    )
