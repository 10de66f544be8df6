"""Count the values of many signals by bin, and those on the other side of thresholds, for the report's distributions."""

import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

TOGETHER = 65_536  # rows counted at once: 30 MB of doubles for sixty signals
PASSES = "passes"  # whether all rules keep the row
BELOW = -1  # the bin of what lies below an axis; above it the bin is the axis's count
OUTSIDE = {"<": operator.ge, "<=": operator.gt, ">": operator.le, ">=": operator.lt}  # the other side of each comparison
# `what` is "rows" for all rows, "line" for what lies outside the threshold `place`, "bin" for a bin of the signal `place`
COUNTS = pa.schema(
    [("what", pa.string()), ("place", pa.int32()), ("bin", pa.int32()), ("n", pa.int64()), ("passing", pa.int64())]
)
Keeps = Literal["<", "<=", ">", ">="]
Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Axis:
    """Say how one signal is cut into bins."""

    kind: Literal["linear", "log", "whole", "bool"]
    low: float
    high: float
    count: int

    def bins(self, values: Doubles) -> Counts:
        """Return the bin of each value: BELOW the axis, `count` above it.

        >>> Axis("linear", 0.0, 1.0, 4).bins(np.array([-0.1, 0.0, 0.3, 1.0, 1.1])).tolist()
        [-1, 0, 1, 3, 4]
        >>> Axis("whole", 0.0, 4.0, 2).bins(np.array([0.0, 1.0, 2.0, 3.0, 4.0])).tolist()
        [0, 0, 1, 1, 2]
        """
        start, end = self._scaled(np.array([self.low, self.high]))
        inside = np.clip(values, self.low, self.high)
        found: Counts = np.clip((self._scaled(inside) - start) / ((end - start) / self.count), 0, self.count - 1).astype(
            np.int64
        )
        top = self.high - (0.5 if self.kind in ("whole", "bool") else 0.0)
        found[values < self.low] = BELOW
        found[values > top] = self.count
        return found

    def _scaled(self, values: Doubles) -> Doubles:
        return np.log10(values) if self.kind == "log" else values


@dataclass(frozen=True)
class CountBins:
    """Turn batches of doubles, a column a signal in the axes' order and then PASSES, into one batch of COUNTS.

    A null or NaN is unmeasured and in no bin. `lines` are (place of the signal, comparison that keeps, threshold).
    """

    axes: tuple[Axis, ...]
    lines: tuple[tuple[int, Keeps, float], ...]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Count TOGETHER rows at a time; a row of the result may be met again from another task."""
        total = np.zeros((1, 2), np.int64)
        bins = [np.zeros((axis.count + 2, 2), np.int64) for axis in self.axes]
        outside = np.zeros((len(self.lines), 2), np.int64)
        for rows in _together(batches):
            passes = rows.column(PASSES).to_numpy().astype(np.bool_)
            total += (len(passes), passes.sum())
            for place, axis in enumerate(self.axes):
                values = rows.column(place).to_numpy()
                known = ~np.isnan(values)
                values, passing = values[known], passes[known]
                bins[place] += _by_bin(axis.bins(values) - BELOW, passing, count=axis.count + 2)
                for number, (of, keeps, threshold) in enumerate(self.lines):
                    if of == place:
                        outside[number, 0] += int(OUTSIDE[keeps](values, threshold).sum())
        yield from _told("rows", 0, total)
        yield from (batch for place, counts in enumerate(bins) for batch in _told("bin", place, counts, first=BELOW))
        yield from (batch for place, counts in enumerate(outside) for batch in _told("line", place, counts[None]))


def _by_bin(bins: Counts, passing: Flags, *, count: int) -> Counts:
    """Return two columns: how many are in each bin, and how many of those pass."""
    met = np.bincount(bins + count * passing, minlength=2 * count)
    return np.stack([met[:count] + met[count:], met[count:]], axis=1)


def _together(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= TOGETHER:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _told(what: str, place: int, counts: Counts, *, first: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield the counts that are not zero."""
    met = np.flatnonzero(counts[:, 0])
    if len(met):
        columns = [[what] * len(met), [place] * len(met), met + first, counts[met, 0], counts[met, 1]]
        yield pa.record_batch([pa.array(values, field.type) for values, field in zip(columns, COUNTS, strict=True)], COUNTS)
