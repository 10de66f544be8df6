"""Draws the page's charts as inline SVG: curves of runs, intervals of arms, differences along a sequence."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from jobs.report.charts import EMPTY, svg
from jobs.report.figures import large
from udfs.testbed.statistics import Mean

COLOURS = 8
_LEFT, _RIGHT = 7.0, 99.0  # per cent: the drawing; numbers of the axis stand on its left
_TOP, _BOTTOM = 8.0, 222.0  # pixels
_INNER = 1000.0  # width and height of a drawing in numbers of its own, stretched over its box
_BUCKETS = 120  # points of a curve that are drawn; more are averaged
_WARM = 0.1  # share of the budget whose losses are cut off at the top, so that the rest can be seen


@dataclass(frozen=True)
class Line:
    """Hold a line of a chart: its name, its colour's number, and its points."""

    name: str
    colour: int
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class _Axes:
    x: tuple[float, float]
    y: tuple[float, float]
    ends: tuple[str, str]  # what stands below the ends of x
    zero: bool = False  # a line at zero


def curves(lines: Sequence[Line], *, label: str) -> Markup:
    """Draw losses over tokens, a line for each run. What lies above the losses after a tenth of the budget is cut off."""
    drawn = [Line(line.name, line.colour, _averaged(line.points)) for line in lines if line.points]
    end = max((x for line in drawn for x, _ in line.points), default=0.0)
    late = [y for line in drawn for x, y in line.points if x >= _WARM * end and math.isfinite(y)]
    if not late:
        return EMPTY
    return _chart(drawn, _Axes((0.0, end), _padded(late), ("0", f"{large(end)} tokens")), label=label)


def differences(lines: Sequence[Line], *, label: str, ends: tuple[str, str]) -> Markup:
    """Draw differences from zero along a sequence."""
    ys = [y for line in lines for _, y in line.points]
    xs = [x for line in lines for x, _ in line.points]
    if not xs:
        return EMPTY
    return _chart(lines, _Axes((min(xs), max(xs)), _padded([*ys, 0.0]), ends, zero=True), label=label)


def interval(mean: Mean, *, low: float, high: float, colour: int, label: str) -> Markup:
    """Draw a mean as a dot and its interval as a bar, on an axis from low to high."""
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return 3 + 94 * min(1.0, max(0.0, (value - low) / span))

    body = EMPTY
    if mean.low is not None and mean.high is not None:
        start, end = place(mean.low), place(mean.high)
        body = Markup('<rect class="reach c{}" x="{:.2f}%" y="6" width="{:.2f}%" height="4" rx="2"/>').format(
            colour % COLOURS, start, max(0.5, end - start)
        )
    body += Markup('<circle class="c{}" cx="{:.2f}%" cy="8" r="5"/>').format(colour % COLOURS, place(mean.value))
    return svg(body, css="interval", label=label)


def axis(means: Iterable[Mean]) -> tuple[float, float]:
    """Return the least and the largest number that intervals need; at most three times as wide as the means lie apart."""
    found = list(means)
    values = [mean.value for mean in found]
    ends = [end for mean in found for end in (mean.low, mean.high) if end is not None]
    width = max(values) - min(values) or abs(values[0]) * 0.01 or 1.0
    return max(min([*values, *ends]), min(values) - width), min(max([*values, *ends]), max(values) + width)


def averaged_over_seeds(rows: Sequence[Mapping[tuple[int, int], float]]) -> dict[tuple[int, int], float]:
    """Average losses by position over the runs of an arm, where all of them have the position."""
    keys = [key for key in rows[0] if all(key in row for row in rows)] if rows else []
    return {key: sum(row[key] for row in rows) / len(rows) for key in keys}


def _averaged(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    size = -(-len(points) // _BUCKETS)
    cut = [points[start : start + size] for start in range(0, len(points), size)]
    return [(sum(x for x, _ in part) / len(part), sum(y for _, y in part) / len(part)) for part in cut]


def _padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or 0.06 * abs(high) or 1.0
    return low - room, high + room


def _chart(lines: Sequence[Line], axes: _Axes, *, label: str) -> Markup:
    (left, right), (low, high) = axes.x, axes.y
    x_span, y_span = (right - left) or 1.0, high - low
    body = Markup("").join(_grid(value, axes.y) for value in _ticks(low, high))
    if axes.zero:
        body += _grid(0.0, axes.y, css="zero")
    paths = EMPTY
    for line in lines:
        points = [((x - left) / x_span * _INNER, (high - y) / y_span * _INNER) for x, y in line.points if math.isfinite(y)]
        written = " ".join(f"{x:.1f},{max(-9 * _INNER, min(9 * _INNER, y)):.1f}" for x, y in points)
        paths += Markup('<polyline class="s{}" points="{}"><title>{}</title></polyline>').format(
            line.colour % COLOURS, written, line.name
        )
    body += Markup(
        '<svg class="inner" x="{}%" y="{}" width="{}%" height="{}" viewBox="0 0 1000 1000" preserveAspectRatio="none">{}</svg>'
    ).format(_LEFT, _TOP, _RIGHT - _LEFT, _BOTTOM - _TOP, paths)
    body += Markup('<text x="{}%" y="240">{}</text><text x="{}%" y="240" text-anchor="end">{}</text>').format(
        _LEFT, axes.ends[0], _RIGHT, axes.ends[1]
    )
    return svg(body, css="curves", label=label)


def _grid(value: float, y_range: tuple[float, float], *, css: str = "grid") -> Markup:
    y = _TOP + (y_range[1] - value) / (y_range[1] - y_range[0]) * (_BOTTOM - _TOP)
    return Markup(
        '<line class="{0}" x1="{1}%" x2="{2}%" y1="{3:.1f}" y2="{3:.1f}"/><text x="{4}%" y="{5:.1f}" text-anchor="end">{6}</text>'
    ).format(css, _LEFT, _RIGHT, y, _LEFT - 0.8, y + 4, f"{value:.3g}")


def _ticks(low: float, high: float) -> list[float]:
    """Return four to eight round numbers between two.

    >>> _ticks(3.1, 5.3)
    [3.5, 4.0, 4.5, 5.0]
    """
    rough = (high - low) / 5
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * times for times in (1, 2, 5, 10) if size * times >= rough)
    first = math.ceil(low / step)
    return [round(number * step, 12) for number in range(first, math.floor(high / step) + 1)]
