"""Tests of the judgement over seeds: against scipy's own tests, by properties, and by how often it errs on drawn numbers."""

import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from udfs.testbed.statistics import LEVEL, POWER, Comparison, compared, mean_of, ranks

Values = dict[str, dict[int, float]]
ARMS = ("a", "b", "c", "d")
NUMBERS = st.floats(0.5, 2.0, allow_nan=False).map(lambda value: round(value, 6))
TABLES = st.integers(2, 5).flatmap(
    lambda seeds: st.lists(st.lists(NUMBERS, min_size=seeds, max_size=seeds), min_size=2, max_size=4).map(
        lambda rows: {arm: dict(enumerate(row)) for arm, row in zip(ARMS, rows, strict=False)}
    )
)


def _told(comparison: Comparison) -> set[tuple[str, str]]:
    return {(pair.better, pair.worse) for pair in comparison.pairs if pair.told_apart}


def _gaps(comparison: Comparison) -> Mapping[frozenset[str], float]:
    return {frozenset((pair.better, pair.worse)): pair.difference for pair in comparison.pairs}


def _drawn(draws: random.Random, *, means: tuple[float, ...], seeds: int, deviations: tuple[float, ...]) -> Values:
    of_seed = [draws.gauss(0, 3) for _ in range(seeds)]  # what a seed does to all arms must not matter
    return {
        arm: {seed: mean + of_seed[seed] + draws.gauss(0, deviation) for seed in range(seeds)}
        for arm, mean, deviation in zip(ARMS, means, deviations, strict=False)
    }


def test_two_arms_are_tested_as_pairs_by_seed() -> None:
    one, other = [1.0, 1.2, 1.1, 1.4], [1.1, 1.25, 1.3, 1.45]
    found = compared({"a": dict(enumerate(one)), "b": dict(enumerate(other))}, lower_is_better=True)
    assert found.pairs[0].p == pytest.approx(stats.ttest_rel(one, other).pvalue)


def test_an_interval_is_that_of_t() -> None:
    values = [1.0, 1.2, 1.1, 1.4]
    low, high = stats.t.interval(0.95, 3, loc=1.175, scale=stats.sem(values))
    found = mean_of(values)
    assert (found.value, found.low, found.high) == pytest.approx((1.175, low, high))


def test_the_scatter_is_that_of_a_table_of_arms_and_seeds() -> None:
    """The example of a two-way table, worked out by hand: residuals are 1, -1, -1, 1 thirds in two of three columns."""
    found = compared({"a": {1: 1.0, 2: 2.0, 3: 3.0}, "b": {1: 2.0, 2: 4.0, 3: 4.0}}, lower_is_better=True)
    error = (1 / 3) ** 0.5 * (1 / 3) ** 0.5  # gaps 1, 2, 1: deviation 1/sqrt(3), over three seeds
    assert found.least == pytest.approx(stats.t.ppf(0.975, 2) * error)
    assert found.detectable == pytest.approx((stats.t.ppf(0.975, 2) + stats.t.ppf(0.8, 2)) * error)


def test_holm_multiplies_the_smallest_p_by_all_pairs_the_next_by_one_less_and_never_falls() -> None:
    values = {
        "a": {1: 1.0, 2: 1.0, 3: 1.0},
        "b": {1: 1.1, 2: 1.0, 3: 1.2},
        "c": {1: 1.3, 2: 1.5, 3: 1.4},
    }
    rows = [list(row.values()) for row in values.values()]
    left = [
        rows[i][j] - sum(rows[i]) / 3 - sum(row[j] for row in rows) / 3 + sum(map(sum, rows)) / 9
        for i in range(3)
        for j in range(3)
    ]
    error = (sum(one**2 for one in left) / 4 * 2 / 3) ** 0.5

    def p(one: str, other: str) -> float:
        gaps = [values[other][seed] - values[one][seed] for seed in (1, 2, 3)]
        return float(2 * stats.t.sf(sum(gaps) / 3 / max(error, stats.sem(gaps)), 4))

    found = compared(values, lower_is_better=True).pairs
    assert [(pair.better, pair.worse) for pair in found] == [("a", "c"), ("b", "c"), ("a", "b")]
    assert [pair.p for pair in found] == pytest.approx([3 * p("a", "c"), 2 * p("b", "c"), p("a", "b")])


@given(TABLES, st.booleans(), st.randoms(use_true_random=False))
def test_neither_the_order_of_arms_nor_that_of_seeds_matters(values: Values, lower: bool, draws: random.Random) -> None:
    arms = list(values)
    draws.shuffle(arms)
    turned = {arm: dict(reversed(values[arm].items())) for arm in arms}
    first, second = compared(values, lower_is_better=lower), compared(turned, lower_is_better=lower)
    assert _told(first) == _told(second) and first.means == {arm: second.means[arm] for arm in values}


@given(TABLES, st.floats(0.1, 10))
def test_neither_the_unit_nor_what_a_seed_does_to_all_arms_matters(values: Values, unit: float) -> None:
    other = {arm: {seed: unit * value + 0.25 * seed for seed, value in row.items()} for arm, row in values.items()}
    first, second = compared(values, lower_is_better=True), compared(other, lower_is_better=True)
    assert (first.refusal is None) == (second.refusal is None)
    ps = [{frozenset((pair.better, pair.worse)): pair.p for pair in one.pairs} for one in (first, second)]
    assert ps[1] == pytest.approx(ps[0], abs=1e-6)
    assert second.detectable == (None if first.detectable is None else pytest.approx(unit * first.detectable))


@given(TABLES)
def test_turning_the_measure_round_turns_the_pairs_round(values: Values) -> None:
    lower, higher = (compared(values, lower_is_better=one) for one in (True, False))
    assert _told(lower) == {(worse, better) for better, worse in _told(higher)}


@given(TABLES)
def test_an_arm_told_to_be_better_has_the_better_rank_and_ranks_stay_among_the_arms(values: Values) -> None:
    found = compared(values, lower_is_better=True)
    assert [pair.p for pair in found.pairs] == sorted(pair.p for pair in found.pairs)
    places = ranks(found)
    assert all(1 <= best <= worst <= len(values) for best, worst in places.values())
    for better, worse in _told(found):
        assert found.means[better].value < found.means[worse].value


@given(TABLES)
def test_no_difference_below_what_holms_last_step_asks_is_told_apart(values: Values) -> None:
    """The last step tests one pair alone, by the common scatter at least."""
    found = compared(values, lower_is_better=True)
    if found.least is not None:
        count, seeds = len(values), len(found.seeds)
        degrees = (count - 1) * (seeds - 1)
        bound = found.least * stats.t.ppf(1 - LEVEL / 2, degrees) / stats.t.ppf(1 - LEVEL / (count * (count - 1)), degrees)
        assert all(pair.difference >= bound * (1 - 1e-9) for pair in found.pairs if pair.told_apart)


@pytest.mark.parametrize(
    "values, why",
    [
        ({"a": {1: 1.0, 2: 1.1}}, "there is one arm"),
        ({"a": {1: 1.0}, "b": {1: 2.0}}, "share 1 seed,"),
        ({"a": {1: 1.0, 2: 1.1}, "b": {3: 2.0, 4: 2.1}}, "share 0 seeds,"),
        ({"a": {1: 0.0, 2: 0.0}, "b": {1: 0.0, 2: 0.0}}, "with every seed"),
        ({"a": {1: 1.0, 2: 1.1}, "b": {1: 2.0, 2: 2.1}}, "with every seed"),
    ],
    ids=["one", "seed", "none", "zeros", "constant"],
)
def test_what_cannot_be_judged_is_refused_and_ranks_nothing(values: Values, why: str) -> None:
    found = compared(values, lower_is_better=True)
    assert found.refusal is not None and why in found.refusal
    assert (found.pairs, found.least, found.detectable) == ((), None, None)
    assert set(ranks(found).values()) == {(1, len(values))}


def test_an_arm_with_more_seeds_keeps_its_mean_and_is_compared_over_those_that_all_have() -> None:
    found = compared({"a": {1: 1.0, 2: 1.2, 3: 9.0}, "b": {1: 1.1, 2: 1.5}}, lower_is_better=True)
    assert found.seeds == (1, 2) and found.means["a"].seeds == 3
    assert found.pairs[0].difference == pytest.approx(0.2)


@pytest.mark.parametrize("deviations", [(1.0,) * 4, (1.0, 1.0, 1.0, 3.0)], ids=["even", "one wide"])
def test_of_equal_arms_at_most_one_comparison_in_twenty_finds_a_difference(deviations: tuple[float, ...]) -> None:
    """Four equal arms, three seeds: the chance of one false difference among six pairs. Of 1,500 draws at most 75 may have one."""
    draws = random.Random(7)
    false = sum(
        bool(_told(compared(_drawn(draws, means=(0, 0, 0, 0), seeds=3, deviations=deviations), lower_is_better=True)))
        for _ in range(1500)
    )
    assert 0 < false <= 1500 * LEVEL


def test_a_difference_of_the_detectable_effect_is_found_four_times_in_five() -> None:
    """With two arms nothing is corrected. The effect is worked out from the true scatter of 1."""
    draws = random.Random(11)
    seeds = 4
    effect = (stats.t.ppf(1 - LEVEL / 2, 3) + stats.t.ppf(POWER, 3)) * (2 / seeds) ** 0.5
    found = sum(
        ("a", "b") in _told(compared(_drawn(draws, means=(0, effect), seeds=seeds, deviations=(1, 1)), lower_is_better=True))
        for _ in range(1000)
    )
    assert 700 < found < 900
