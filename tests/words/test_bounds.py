"""Word boundaries: those of `regex` are the oracle, and a run of flags costs linear time."""

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from tests.least_time import least_seconds
from udfs.words.bounds import split

_FLAGS = st.text("\U0001f1e9\U0001f1ea", min_size=60, max_size=70)
_AROUND = st.text("\U0001f1e9\u200d\u0301a \n", max_size=6)


@given(_AROUND, _FLAGS, _AROUND, _FLAGS, _AROUND)
@example("\U0001f1e9\u200d", "\U0001f1e9" * 64, "\u200d", "\U0001f1ea" * 65, "\u0301\U0001f1e9")
def test_a_run_of_flags_is_cut_as_regex_cuts_it(before: str, run: str, between: str, other: str, after: str) -> None:
    text = before + run + between + other + after
    assert split(text) == [segment for segment in regex.split(r"(?w)\b", text) if segment]


@pytest.mark.parametrize("unit", ["\U0001f1e9", "\U0001f1e9\u200d", "\U0001f468\u200d", "\u0301", "漢"])
def test_a_long_run_costs_linear_time(unit: str) -> None:
    few, many = (unit * (characters // len(unit)) for characters in (5_000, 50_000))
    assert "".join(split(many)) == many
    assert least_seconds(split, many) < 40 * max(least_seconds(split, few), 0.01)  # a quadratic step would cost a hundred
