"""The counts behind the distributions: every value in one bin, as a count by hand has them."""

import math
from collections import Counter

import numpy as np
import pyarrow as pa

from udfs.signals.bin_counts import COUNTS, Axis, CountBins, Keeps

AXES = (
    Axis("linear", 0.0, 1.0, 4),
    Axis("log", 1.0, 1000.0, 3),
    Axis("whole", 10.0, 20.0, 5),  # 10 to 19, two whole numbers a bin
    Axis("bool", 0.0, 2.0, 2),
)
VALUES: tuple[list[float | None], ...] = (
    [0.0, 0.25, 1.0, 1.5, -0.1, None, math.nan, math.inf],
    [1.0, 9.0, 11.0, 1000.0, 0.0, -5.0, 2000.0, None],
    [10.0, 11.0, 12.0, 19.0, 20.0, 9.0, None, None],
    [0.0, 1.0, 1.0, 0.0, None, None, 1.0, 1.0],
)
PASSES = [True, True, False, True, False, True, True, False]
BINS = (
    [0, 1, 3, 4, -1, None, None, 4],
    [0, 0, 1, 2, -1, -1, 3, None],
    [0, 0, 1, 4, 5, -1, None, None],
    [0, 1, 1, 0, None, None, 1, 1],
)


def batch(rows: slice = slice(None)) -> pa.RecordBatch:
    columns = [pa.array(values[rows], pa.float64()) for values in VALUES]
    return pa.record_batch([*columns, pa.array(PASSES[rows])], names=["a", "b", "c", "d", "passes"])


def sums(*batches: pa.RecordBatch) -> Counter[tuple[str, int, int, str]]:
    found: Counter[tuple[str, int, int, str]] = Counter()
    for one in batches:
        assert one.schema == COUNTS
        for row in one.to_pylist():
            for name in ("n", "passing"):
                found[row["what"], row["place"], row["bin"], name] += row[name]
    return +found


def by_hand() -> Counter[tuple[str, int, int, str]]:
    found: Counter[tuple[str, int, int, str]] = Counter()
    for place, bins in enumerate(BINS):
        for bin_, passes in zip(bins, PASSES, strict=True):
            if bin_ is not None:
                found["bin", place, bin_, "n"] += 1
                found["bin", place, bin_, "passing"] += passes
    found["rows", 0, 0, "n"], found["rows", 0, 0, "passing"] = len(PASSES), sum(PASSES)
    return +found


def test_every_value_is_in_the_bin_that_it_has_by_hand_however_rows_are_cut() -> None:
    count = CountBins(AXES, ())
    assert sums(*count([batch()])) == by_hand()
    assert sums(*count([batch(slice(0, 3)), batch(slice(3, 8))])) == by_hand()
    assert sums(*count([batch(slice(0, 3))]), *count([batch(slice(3, 8))])) == by_hand()
    assert list(count([])) == []


def test_a_value_is_outside_a_threshold_if_the_comparison_does_not_keep_it() -> None:
    lines: tuple[tuple[int, Keeps, float], ...] = ((0, "<", 1.0), (0, "<=", 1.0), (0, ">", 0.25), (2, ">=", 12.0))
    found = sums(*CountBins(AXES, lines)([batch()]))
    assert [found["line", place, 0, "n"] for place in range(4)] == [3, 2, 3, 3]


def test_values_of_a_whole_axis_are_never_between_two_bins() -> None:
    axis = Axis("whole", 3.0, 3.0 + 7 * 37, 37)  # widths as the report makes them
    values = np.arange(3.0, 3.0 + 7 * 37)
    assert axis.bins(values).tolist() == [int(value - 3) // 7 for value in values]
