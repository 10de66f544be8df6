"""Finer keys: whoever is similar enough meets, whatever order the shingles are in."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.similarity.shingle_prefix import KEY_SCHEMA, PrefixKeys, each_shingle
from udfs.similarity.shingles import compare_batches

VERIFY = st.sampled_from([0.5, 0.6, 0.75, 0.8, 0.9, 1.0])


def met(left: set[int], right: set[int], keys: PrefixKeys, *, buckets: list[int]) -> bool:
    """Tell whether two sets, in the same buckets, get a key in common that the smaller one has marked."""
    sets = [sorted(left), sorted(right)]
    batch = pa.record_batch(
        {
            "class": pa.array([0, 1], pa.int64()),
            "shingles": pa.array([np.array(one, np.int64).tobytes() for one in sets], pa.binary()),
            "keys": pa.array([buckets, buckets], pa.list_(pa.int64())),
        }
    )
    rows = pa.Table.from_batches(keys([batch]), schema=KEY_SCHEMA).to_pylist()
    marks = [{row["key"]: row["small"] for row in rows if row["class"] == number} for number in (0, 1)]
    shared = marks[0].keys() & marks[1].keys()
    if keys.measure == "containment" or len(left) == len(right):
        return any(marks[0][key] or marks[1][key] for key in shared)
    smaller = int(len(right) < len(left))
    return any(marks[smaller][key] for key in shared)


@st.composite
def near(draw: st.DrawFn) -> tuple[set[int], set[int]]:
    """Make two sets that have most in common."""
    common = draw(st.sets(st.integers(0, 300), min_size=1, max_size=60))
    extra = st.sets(st.integers(1_000, 1_060), max_size=12)
    return common | draw(extra), common | {-n for n in draw(extra)}


@settings(deadline=None)
@given(near(), VERIFY, st.dictionaries(st.integers(0, 300), st.integers(3, 9)))
def test_sets_at_or_above_the_threshold_always_meet(
    pair: tuple[set[int], set[int]], min_similarity: float, counts: dict[int, int]
) -> None:
    left, right = pair
    frequent, times = np.array(list(counts), np.int64), np.array(list(counts.values()), np.int64)
    if len(left & right) / len(left | right) >= min_similarity:
        assert met(left, right, PrefixKeys(frequent, times, min_similarity=min_similarity, measure="jaccard"), buckets=[7, -9])
    if len(left & right) / min(len(left), len(right)) >= min_similarity:
        assert met(left, right, PrefixKeys(frequent, times, min_similarity=min_similarity, measure="containment"), buckets=[7])


@pytest.mark.parametrize(("share", "meets"), [(0.80, False), (0.95, True)])
def test_what_a_template_shares_makes_nobody_meet(share: float, meets: bool) -> None:
    template = set(range(round(100 * share)))
    left, right = ({*template, *range(start, start + 100 - len(template))} for start in (1_000, 2_000))
    frequent = np.array(sorted(template), np.int64)
    keys = PrefixKeys(frequent, np.full(len(frequent), 100), min_similarity=0.75, measure="jaccard")
    assert met(left, right, keys, buckets=[1]) is meets


def test_keys_of_two_buckets_are_apart() -> None:
    keys = PrefixKeys(np.zeros(0, np.int64), np.zeros(0, np.int64), min_similarity=0.75, measure="jaccard")
    batch = pa.record_batch(
        {"class": pa.array([5]), "shingles": pa.array([np.arange(1, 5).tobytes()]), "keys": pa.array([[10, 20]])}
    )
    rows = pa.Table.from_batches(keys([batch]), schema=KEY_SCHEMA).to_pylist()
    assert [row["class"] for row in rows] == [5] * 4 and len({row["key"] for row in rows}) == 4
    assert [row["small"] for row in rows] == [True, False, True, False]


@settings(deadline=None)
@given(st.sets(st.integers(-9, 9)), st.sets(st.integers(-9, 9)))
def test_common_shingles_are_counted(left: set[int], right: set[int]) -> None:
    sets = [np.array(sorted(one), np.int64) for one in (left, right)]
    batch = pa.record_batch(
        {
            "a": [1],
            "b": [2],
            "lsh": [False],
            "s_a": pa.array([sets[0].tobytes()], pa.binary()),
            "s_b": pa.array([sets[1].tobytes()], pa.binary()),
        }
    )
    [compared] = compare_batches([batch])
    counts = {"common": len(left & right), "n_a": len(left), "n_b": len(right)}
    assert compared.to_pylist() == [{"a": 1, "b": 2, **counts, "lsh": False}]


def test_shingles_are_counted_one_by_one() -> None:
    batch = pa.record_batch({"shingles": pa.array([np.array([3, 4]).tobytes(), b"", np.array([3]).tobytes()], pa.binary())})
    assert [row["shingle"] for part in each_shingle([batch]) for row in part.to_pylist()] == [3, 4, 3]
