"""The distributions of the signals, by three passes over the numbers however many signals there are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.report.data import Histogram, Line, RuleLike
from jobs.report.thresholds import Threshold, thresholds_of, words
from udfs.signals.definition import Signal

BINS = 40
QUANTILES = (0.005, 0.05, 0.5, 0.95, 0.995)  # the outer two are the range that is drawn
ACCURACY = 2000  # of approx_percentile: the rank is right within 1/2000 of the rows
LOG_FROM = 20.0  # a positive signal whose range spans this ratio, its median far left, gets a log axis
NOT_MEASUREMENTS = ("chunk",)


@dataclass(frozen=True)
class Axis:
    """How one signal is cut into bins."""

    kind: Literal["linear", "log", "whole", "bool"]
    low: float
    high: float
    count: int


def distributions(
    signals: DataFrame, rules: tuple[RuleLike, ...], *, catalogue: Mapping[str, Signal], facts: DataFrame | None = None
) -> tuple[tuple[Histogram, ...], int | None]:
    """Measure every numeric signal's distribution, and how many documents the rules keep if evaluated again.

    Three aggregations, each with a result of fixed size: counts outside the thresholds, approximate percentiles (the
    axes), and bins. Signals that a rule reads come first, in the recipe's order. `facts` has a row for each id with what else
    rules name; it is joined for two of the aggregations.
    """
    kinds = numeric_columns(signals)
    lines = [(rule.reason, t) for rule in rules for t in thresholds_of(rule) if kinds.get(t.signal, "bool") != "bool"]
    used = [t.signal for _, t in lines] + [name for rule in rules for name in kinds if name in words(rule.keep)]
    names = list(dict.fromkeys([*used, *(name for name in catalogue if name in kinds), *kinds]))
    measured = F.array(*[_value(name, kinds[name]) for name in names]).alias("v")
    judged = signals if facts is None else signals.join(facts, on="id", how="left")
    values = judged.select(measured, _passes(judged, rules))
    place = {name: i for i, name in enumerate(names)}
    whole = _whole(values, [(place[t.signal], t) for _, t in lines])
    spreads = _spreads(signals.select(measured)) if names else {}
    axes = [_axis(kinds[name], spreads[i]) for i, name in enumerate(names)]
    counts = _count_bins(values, axes) if names else {}
    return tuple(
        _histogram(
            catalogue.get(name) or Signal(name, "float", "", "", ""),
            axes[i],
            spread=spreads[i],
            total=whole["total"],
            bins={b: n for (s, b), n in counts.items() if s == i},
            lines=tuple(_line(r, t, whole[f"out{j}"]) for j, (r, t) in enumerate(lines) if t.signal == name),
        )
        for i, name in enumerate(names)
    ), whole["passing"]


def numeric_columns(signals: DataFrame) -> dict[str, Literal["int", "float", "bool"]]:
    """Return the columns that can be drawn, with what they hold."""
    found: dict[str, Literal["int", "float", "bool"]] = {}
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


def _passes(signals: DataFrame, rules: tuple[RuleLike, ...]) -> Column:
    """Return whether every rule keeps the row, as `passes`; null where a rule names what is not there."""
    measured = ["error IS NULL"] if "error" in signals.columns else []
    sql = " AND ".join([*measured, *(f"coalesce(({rule.sql}), false)" for rule in rules)]) or "true"
    try:
        signals.select(F.expr(sql))
    except AnalysisException:
        return F.lit(None).cast("boolean").alias("passes")
    return F.expr(sql).alias("passes")


def _whole(values: DataFrame, lines: list[tuple[int, Threshold]]) -> Row:
    """Count all documents, those that pass, and for every threshold those measured on its other side."""
    passing = F.when(F.count("passes") > 0, F.count_if("passes"))
    outside = [F.count_if(F.expr(f"NOT (v[{i}] {line.op} {line.value!r}D)")) for i, line in lines]
    named = [column.alias(f"out{j}") for j, column in enumerate(outside)]
    return values.agg(F.count("*").alias("total"), passing.alias("passing"), *named).collect()[0]


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


def _axis(kind: Literal["int", "float", "bool"], spread: Row) -> Axis:
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


def _bin(axes: list[Axis]) -> Column:
    """Return the bin of value `v` of signal `s`: -1 below its axis, `count` above it, null if unmeasured.

    The axes are constants looked up by `s`, so that the generated code stays as small as for one signal.
    """

    def of(numbers: list[float]) -> Column:
        return F.element_at(F.array(*[F.lit(number) for number in numbers]), F.col("s") + 1)

    v, log = F.col("v"), of([float(axis.kind == "log") for axis in axes]) == 1
    count, low = of([float(axis.count) for axis in axes]), of([axis.low for axis in axes])
    start = of([_scaled(axis, axis.low) for axis in axes])
    step = of([(_scaled(axis, axis.high) - _scaled(axis, axis.low)) / axis.count for axis in axes])
    top = of([axis.high - (0.5 if axis.kind in ("whole", "bool") else 0.0) for axis in axes])
    inside = F.least(F.greatest(F.floor((F.when(log, F.log10(v)).otherwise(v) - start) / step), F.lit(0)), count - 1)
    return F.when(v < low, F.lit(-1)).when(v > top, count).when(v.isNotNull(), inside).cast("int")


def _scaled(axis: Axis, value: float) -> float:
    return math.log10(value) if axis.kind == "log" else value


def _count_bins(values: DataFrame, axes: list[Axis]) -> dict[tuple[int, int], tuple[int, int | None]]:
    """Count (signal, bin) in one pass: every row becomes one small pair a signal, counted before it is shuffled."""
    rows = (
        values.select("passes", F.posexplode("v").alias("s", "v"))
        .select("passes", "s", _bin(axes).alias("b"))
        .where("b IS NOT NULL")
        .groupBy("s", "b")
        .agg(F.count("*").alias("n"), F.when(F.count("passes") > 0, F.count_if("passes")).alias("k"))
        .collect()
    )
    return {(row["s"], row["b"]): (row["n"], row["k"]) for row in rows}


def _line(rule: str, threshold: Threshold, outside: int) -> Line:
    return Line(rule, threshold.op, threshold.value, threshold.conditional, outside)


def _histogram(
    signal: Signal,
    axis: Axis,
    *,
    spread: Row,
    total: int,
    bins: dict[int, tuple[int, int | None]],
    lines: tuple[Line, ...],
) -> Histogram:
    known = all(passing is not None for _, passing in bins.values())
    return Histogram(
        signal=signal.name,
        unit=signal.unit,
        definition=signal.definition,
        kind=axis.kind,
        low=axis.low,
        high=axis.high,
        bins=tuple(bins.get(b, (0, 0))[0] for b in range(axis.count)),
        passing=tuple(bins.get(b, (0, 0))[1] or 0 for b in range(axis.count)) if known else (),
        below=bins.get(-1, (0, 0))[0],
        above=bins.get(axis.count, (0, 0))[0],
        measured=spread["n"],
        unmeasured=total - spread["n"],
        quantiles=(spread["q"][1], spread["q"][2], spread["q"][3]) if spread["q"] else None,
        lines=lines,
    )
