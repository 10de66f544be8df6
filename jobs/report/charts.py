"""Draws the report's charts as inline SVG, sized in per cent: a chart stretches with its box and its text does not."""

import math

from markupsafe import Markup

from jobs.report.data import Histogram, Line, Reason
from jobs.report.figures import number, share
from jobs.report.visible import cut, visible

COLOURS = 8  # classes c0 … c7 of the style sheet; any further reason is grey
EMPTY = Markup("")
LABEL_CHARACTERS = 300
_HEIGHT, _TOP = 104.0, 30.0  # pixels: of a distribution, and of the band above it that holds the thresholds' labels
_LEFT, _RIGHT = 4.0, 96.0  # per cent: the axis; what lies beyond it is counted in a bar of its own at the edge
_STANDS_OUT = 3.0  # a bar this many times as high as the next is cut, and says how high it is


def colour(place: int) -> str:
    """Return the class that colours the reason at this place of its stage."""
    return f"c{place}" if place < COLOURS else "cx"


def rect(*, x: float, width: float, css: str, title: str, y: float = 0.0, height: str = "100%") -> Markup:
    """Return a bar; x and width in per cent of the chart, y in pixels."""
    return Markup('<rect class="{}" x="{:.3f}%" y="{:.1f}" width="{:.3f}%" height="{}"><title>{}</title></rect>').format(
        css, x, y, width, height, _words(title)
    )


def _words(text: str) -> str:
    """Return a label or title fit for the page; the names in it may be anything."""
    return cut(visible(text), LABEL_CHARACTERS)


def svg(body: Markup, *, css: str, label: str) -> Markup:
    """Wrap drawn things into a chart that says in words what it shows."""
    return Markup('<svg class="{}" role="img" aria-label="{}">{}</svg>').format(css, _words(label), body)


def funnel_bar(*, read: int, kept: int, reasons: tuple[Reason, ...], total: int) -> Markup:
    """Draw one stage of the funnel: its kept part, then every reason, all against what came into the run."""
    scale = 100 / max(total, 1)
    body = rect(x=0, width=kept * scale, css="kept", title=f"kept: {number(kept)} ({share(kept, read)})")
    x = kept * scale
    for place, reason in enumerate(reasons):
        title = f"{reason.outcome}, {reason.name}: {number(reason.count)} ({share(reason.count, read)})"
        body += rect(x=x, width=reason.count * scale, css=colour(place), title=title)
        x += reason.count * scale
    return svg(body, css="stack", label=f"{number(kept)} kept of {number(read)}")


def bar(value: float, *, of: float, css: str = "kept", label: str) -> Markup:
    """Draw one bar, at least a hair wide when there is anything at all."""
    width = max(0.6, 100 * value / of) if value and of else 0.0
    return svg(rect(x=0, width=min(width, 100.0), css=css, title=label), css="bar", label=label)


def nested_bar(parts: tuple[tuple[float, str, str], ...], *, of: float, label: str) -> Markup:
    """Draw bars that contain one another, widest first: (value, class, title)."""
    body = EMPTY
    for value, css, title in parts:
        if value and of:
            body += rect(x=0, width=min(100.0, max(0.6, 100 * value / of)), css=css, title=title)
    return svg(body, css="bar", label=label)


def histogram(data: Histogram) -> Markup:
    """Draw a distribution: a bar for every bin, its kept part coloured, and a line for every threshold."""
    edges = [data.below, data.above]
    tallest = sorted([*data.bins, *edges])[-2:]
    top = float(tallest[-1])
    if len(tallest) == 2 and tallest[0] and tallest[1] > _STANDS_OUT * tallest[0]:
        top = tallest[0] * 1.5
    body = Markup("").join(_tint(data, line) for line in data.lines if not line.conditional)
    width = (_RIGHT - _LEFT) / max(1, len(data.bins))
    for place, count in enumerate(data.bins):
        passing = data.passing[place] if data.passing else None
        title = f"{_bin_name(data, place)}: {number(count)} documents"
        title += f", {number(passing)} of them kept" if passing is not None else ""
        body += _column(_LEFT + place * width, width * 0.86, count, passing=passing, top=top, title=title, of=data.measured)
    for x, count, title in (
        (0.0, data.below, f"below {number(data.low)}"),
        (97.5, data.above, f"above {number(data.high)}"),
    ):
        body += _column(x, 2.5, count, passing=None, top=top, title=f"{title}: {number(count)} documents", of=data.measured)
    body += _labels(data)
    base = Markup('<line class="base" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(_HEIGHT)
    words = "; ".join(f"{line.rule} keeps {line.op} {number(line.value)}" for line in data.lines)
    label = f"Distribution of {data.signal} over {number(data.measured)} documents" + (f"; {words}" if words else "")
    return svg(body + base, css="histogram", label=label)


def _column(x: float, width: float, count: int, *, passing: int | None, top: float, title: str, of: int) -> Markup:
    """Draw one bin; one that is cut at the top carries its share as a number."""
    if not count:
        return EMPTY
    room = _HEIGHT - _TOP
    clipped = count > top
    height = room if clipped else max(1.0, room * count / top)
    drawn = rect(x=x, width=width, css="rest", title=title, y=_HEIGHT - height, height=f"{height:.1f}")
    if passing:
        inner = max(1.0, height * passing / count)
        drawn += rect(x=x, width=width, css="kept", title=title, y=_HEIGHT - inner, height=f"{inner:.1f}")
    if clipped:
        gap = Markup('<rect class="cut" x="{:.3f}%" y="{:.1f}" width="{:.3f}%" height="3"/>')
        drawn += gap.format(x - 0.5, _TOP + 8, width + 1)
        anchor, at = ("end", x - 0.8) if x > 60 else ("start", x + width + 0.8)
        text = Markup('<text class="share" x="{:.3f}%" y="{:.1f}" text-anchor="{}">{}</text>')
        drawn += text.format(at, _TOP + 13, anchor, share(count, of))
    return drawn


def _bin_name(data: Histogram, place: int) -> str:
    if data.kind == "bool":
        return ("false", "true")[place]
    low, high = _edge(data, place), _edge(data, place + 1)
    if data.kind == "whole":
        return number(low) if high - low == 1 else f"{number(low)} to {number(high - 1)}"
    return f"{number(low)} to {number(high)}"


def _edge(data: Histogram, place: int) -> float:
    part = place / max(1, len(data.bins))
    if data.kind == "log":
        return float(data.low * (data.high / data.low) ** part)
    return data.low + (data.high - data.low) * part


def position(data: Histogram, line: Line) -> float:
    """Return where a threshold lies, in per cent of the chart; one beyond the axis lies just outside it.

    On an axis of whole numbers the line stands between the last value kept and the first one dropped.
    """
    value = line.value + (1 if data.kind == "whole" and line.op in ("<=", ">") else 0)
    if value < data.low:
        return _LEFT - 1
    if value > data.high:
        return _RIGHT + 1
    if data.kind == "log":
        part = math.log(value / data.low) / math.log(data.high / data.low)
    else:
        part = (value - data.low) / (data.high - data.low)
    return _LEFT + part * (_RIGHT - _LEFT)


def _tint(data: Histogram, line: Line) -> Markup:
    """Shade the side that a threshold drops."""
    x = position(data, line)
    start, width = (0.0, x) if line.op in (">", ">=") else (x, 100.0 - x)
    return Markup('<rect class="tint" x="{:.3f}%" y="{}" width="{:.3f}%" height="{}"/>').format(
        start, _TOP, max(0.0, width), _HEIGHT - _TOP
    )


def _labels(data: Histogram) -> Markup:
    """Draw the thresholds and name each where no other name stands."""
    drawn = EMPTY
    taken: list[tuple[int, float, float]] = []
    for line in sorted(data.lines, key=lambda line: position(data, line)):
        x, words = position(data, line), f"{_SIGNS[line.op]}\u2009{number(line.value)}"
        row, anchor = _free_place(x, 2.6 * len(words) + 3, taken)
        title = f"{line.rule} keeps {line.op} {number(line.value)}" + (" under a condition" if line.conditional else "")
        drawn += Markup(
            '<g class="{0}"><title>{1}</title><line x1="{2:.3f}%" x2="{2:.3f}%" y1="{3}" y2="{4}"/>'
            '<text x="{2:.3f}%" dx="{5}" y="{6}" text-anchor="{7}">{8}</text></g>'
        ).format(
            "threshold conditional" if line.conditional else "threshold",
            _words(title),
            x,
            2 + 14 * row,
            _HEIGHT,
            4 if anchor == "start" else -4,
            11 + 14 * row,
            anchor,
            words,
        )
    return drawn


def _free_place(x: float, width: float, taken: list[tuple[int, float, float]]) -> tuple[int, str]:
    """Return the row and side on which a label of this width covers no other; note it as taken."""
    sides = (("start", x, x + width), ("end", x - width, x))
    places = [(row, *side) for row in (0, 1) for side in (sides if x < 50 else sides[::-1])]
    inside = [place for place in places if place[2] >= 0 and place[3] <= 100] or places
    free = (
        place for place in inside if all(place[0] != row or place[3] <= start or place[2] >= end for row, start, end in taken)
    )
    row, anchor, start, end = next(free, inside[0])
    taken.append((row, start, end))
    return row, anchor


_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
