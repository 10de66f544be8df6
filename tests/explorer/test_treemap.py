"""Treemaps: rectangles of the right areas that fill the whole and cover none another, as square as the paper's."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.explorer.treemap import squarified


@given(st.lists(st.integers(0, 1_000), max_size=30), st.sampled_from([0.5, 1.0, 2.4]))
def test_rectangles_have_their_areas_and_do_not_overlap(sizes: list[int], width: float) -> None:
    sizes.sort(reverse=True)
    found = squarified(sizes, width=width, height=1)
    assert len(found) == len(sizes)
    for size, (left, top, across, down) in zip(sizes, found, strict=True):
        assert across * down == pytest.approx(size * width / max(1, sum(sizes)), abs=1e-9)
        assert left >= 0 and top >= 0 and left + across <= width + 1e-9 and top + down <= 1 + 1e-9
    for one, other in combinations([box for box in found if box[2] * box[3] > 1e-9], 2):
        across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
        down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
        assert across < 1e-7 or down < 1e-7


def test_the_papers_example() -> None:
    found = squarified([6, 6, 4, 3, 2, 2, 1], width=6, height=4)
    assert [tuple(round(side, 2) for side in box) for box in found[:4]] == [
        (0, 0, 3, 2),
        (0, 2, 3, 2),
        (3, 0, 1.71, 2.33),
        (4.71, 0, 1.29, 2.33),
    ]
    assert max(max(across / down, down / across) for _, _, across, down in found) < 3
