"""Says which arms of a comparison differ by more than their seeds do: means, intervals, and a test of each pair.

1. Arms are compared over the seeds that all of them have. A seed is a block: it gives all arms the same first weights.
2. The scatter is what arms and seeds leave open: x(arm, seed) - mean(arm) - mean(seed) + mean. All arms share it, so it has
   (arms - 1) x (seeds - 1) degrees of freedom, where the seeds of one arm have few. Where a pair's own differences scatter more,
   those count instead.
3. Each pair is tested by t. Holm's correction (1979) bounds the chance of one false difference among all pairs of a measure.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

LEVEL = 0.05  # chance of an interval that lies beside the truth, and of one false difference among all pairs
POWER = 0.8  # how often a difference of the minimum detectable effect is found
_ROUNDING = 1e-12  # scatter below this share of the values is rounding


@dataclass(frozen=True)
class Mean:
    """Hold an arm's mean over its seeds, and its interval by t; the interval is None with one seed."""

    value: float
    low: float | None
    high: float | None
    seeds: int


@dataclass(frozen=True)
class Pair:
    """Hold two arms, the better mean first: the difference, and Holm's p, which is below LEVEL if they are told apart."""

    better: str
    worse: str
    difference: float
    p: float

    @property
    def told_apart(self) -> bool:
        """Tell whether the difference is more than the seeds explain."""
        return self.p < LEVEL


@dataclass(frozen=True)
class Comparison:
    """Hold what a measure says of all arms.

    `least` is the smallest difference that is told apart if no other pair is. `detectable`, the minimum detectable effect, is the true
    difference that is then found four times in five. Where nothing can be told apart, `refusal` says why, and both are None.
    """

    means: Mapping[str, Mean]
    seeds: tuple[int, ...]
    pairs: tuple[Pair, ...] = ()
    least: float | None = None
    detectable: float | None = None
    refusal: str | None = None


def compared(values: Mapping[str, Mapping[int, float]], *, lower_is_better: bool) -> Comparison:
    """Compare arms by one measure: its value by arm and seed. Every value has to be finite.

    >>> ours = {"a": {1: 1.00, 2: 1.02, 3: 1.01}, "b": {1: 1.10, 2: 1.12, 3: 1.115}, "c": {1: 1.004, 2: 1.015, 3: 1.012}}
    >>> [(pair.better, pair.worse, pair.told_apart) for pair in compared(ours, lower_is_better=True).pairs]
    [('a', 'b', True), ('c', 'b', True), ('a', 'c', False)]
    """
    means = {arm: mean_of(list(found.values())) for arm, found in values.items()}
    seeds = tuple(sorted(set.intersection(*(set(found) for found in values.values())))) if values else ()
    if len(values) < 2:
        return Comparison(means, seeds, refusal="there is one arm, and nothing to compare it with")
    if len(seeds) < 2:
        return Comparison(
            means, seeds, refusal=f"all arms share {len(seeds)} seed{'' if seeds else 's'}, and scatter shows from two on"
        )
    table = {arm: [found[seed] for seed in seeds] for arm, found in values.items()}
    scatter = _scatter(list(table.values()))
    if scatter <= _ROUNDING * max(abs(value) for row in table.values() for value in row):
        return Comparison(
            means, seeds, refusal="the arms differ by the same amount with every seed, so their scatter says nothing"
        )
    degrees = (len(table) - 1) * (len(seeds) - 1)
    error = scatter * math.sqrt(2 / len(seeds))
    strictest = _quantile(degrees, 1 - LEVEL / (len(table) * (len(table) - 1)))
    return Comparison(
        means,
        seeds,
        pairs=_tested(table, error=error, degrees=degrees, lower_is_better=lower_is_better),
        least=strictest * error,
        detectable=(strictest + _quantile(degrees, POWER)) * error,
    )


def mean_of(values: Sequence[float]) -> Mean:
    """Return the mean with its interval by t over the values' own scatter; 19 of 20 such intervals hold the true mean.

    >>> mean_of([1.0, 2.0, 3.0])
    Mean(value=2.0, low=-0.484..., high=4.484..., seeds=3)
    """
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return Mean(mean, None, None, count)
    reach = _quantile(count - 1, 1 - LEVEL / 2) * _deviation(values) / math.sqrt(count)
    return Mean(mean, mean - reach, mean + reach, count)


def ranks(comparison: Comparison) -> dict[str, tuple[int, int]]:
    """Return the best and the worst rank that each arm may have: one more than the arms told to be better, and so on.

    >>> one = Comparison({"a": mean_of([1.0]), "b": mean_of([2.0]), "c": mean_of([3.0])}, (1, 2), (Pair("a", "c", 2.0, 0.01),))
    >>> ranks(one)
    {'a': (1, 2), 'b': (1, 3), 'c': (2, 3)}
    """
    told = [pair for pair in comparison.pairs if pair.told_apart]
    count = len(comparison.means)
    return {
        arm: (1 + sum(pair.worse == arm for pair in told), count - sum(pair.better == arm for pair in told))
        for arm in comparison.means
    }


def _tested(table: Mapping[str, list[float]], *, error: float, degrees: int, lower_is_better: bool) -> tuple[Pair, ...]:
    """Test every pair; the most certain first."""
    found = []
    for one, other in combinations(table, 2):
        gaps = [b - a for a, b in zip(table[one], table[other], strict=True)]
        gap = math.fsum(gaps) / len(gaps)
        own = _deviation(gaps) / math.sqrt(len(gaps))
        better, worse = (one, other) if (gap >= 0) == lower_is_better else (other, one)
        found.append(Pair(better, worse, abs(gap), 2 * _above(degrees, abs(gap) / max(error, own))))
    found.sort(key=lambda pair: (pair.p, pair.better, pair.worse))
    highest, corrected = 0.0, []
    for place, pair in enumerate(
        found
    ):  # Holm: the smallest p times the number of pairs, the next times one less, never falling
        highest = max(highest, min(1.0, pair.p * (len(found) - place)))
        corrected.append(Pair(pair.better, pair.worse, pair.difference, highest))
    return tuple(corrected)


def _scatter(rows: Sequence[Sequence[float]]) -> float:
    """Return the standard deviation that arms (rows) and seeds (columns) leave open."""
    by_arm = [math.fsum(row) / len(row) for row in rows]
    by_seed = [math.fsum(column) / len(column) for column in zip(*rows, strict=True)]
    mean = math.fsum(by_arm) / len(by_arm)
    left = [
        value - arm - seed + mean
        for row, arm in zip(rows, by_arm, strict=True)
        for value, seed in zip(row, by_seed, strict=True)
    ]
    return math.sqrt(math.fsum(one * one for one in left) / ((len(rows) - 1) * (len(by_seed) - 1)))


def _deviation(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _quantile(degrees: int, share: float) -> float:
    from scipy.special import stdtrit  # half a second, which the other commands do without

    return float(stdtrit(degrees, share))


def _above(degrees: int, t: float) -> float:
    from scipy.special import stdtr

    return float(stdtr(degrees, -t))
