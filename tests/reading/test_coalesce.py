"""Chosen spans become the fewest ranges that are worth a request each."""

import random
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from udfs.reading.coalesce import Span, coalesce

SPANS = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=12)


@given(SPANS, st.integers(0, 80))
def test_ranges_cover_every_span_and_lie_apart_by_more_than_the_gap(spans: list[Span], gap: int) -> None:
    ranges = coalesce(spans, gap=gap)
    assert all(any(start <= offset and offset + length <= stop for start, stop in ranges) for offset, length in spans)
    assert all(after[0] - before[1] > gap for before, after in pairwise(ranges))


@given(SPANS, st.integers(0, 80))
def test_ranges_begin_and_end_with_spans_and_pass_over_no_larger_gap(spans: list[Span], gap: int) -> None:
    wanted = {byte for offset, length in spans for byte in range(offset, offset + length)}
    ranges = coalesce(spans, gap=gap)
    assert all({start, stop - 1} <= wanted for start, stop in ranges)
    for start, stop in ranges:
        held = sorted(byte for byte in wanted if start <= byte < stop)
        assert max((b - a - 1 for a, b in pairwise(held)), default=0) <= gap


@given(SPANS, st.integers(0, 80))
def test_the_count_is_one_more_than_the_gaps_that_are_too_large(spans: list[Span], gap: int) -> None:
    wanted = sorted({byte for offset, length in spans for byte in range(offset, offset + length)})
    large = sum(b - a - 1 > gap for a, b in pairwise(wanted))
    assert len(coalesce(spans, gap=gap)) == (large + 1 if spans else 0)


def test_the_break_even_of_the_docs_is_what_comes_out() -> None:
    size, captures = 940_000_000, 27_800
    length = size // captures
    stated = (Path(__file__).parents[2] / "bench/results/index_filter.md").read_text("utf-8")
    for share in (0.001, 0.005, 0.01, 0.02, 0.05):
        cells = [f"{share:.1%}"]
        for gap in (0, 8 << 20):
            draws = [random.Random(seed) for seed in range(10)]
            chosen = [[(n * length, length) for n in range(captures) if draw.random() < share] for draw in draws]
            ranges = [coalesce(spans, gap=gap) for spans in chosen]
            requests = sum(map(len, ranges)) / 10
            read = sum(stop - start for found in ranges for start, stop in found) / 10
            cells += [f"{requests:,.0f}", *([f"{read / size:.0%}"] if gap else []), f"{requests * 0.1 + read / 85e6:.1f}"]
        assert f"| {' | '.join(cells)} |" in stated
