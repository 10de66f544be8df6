"""SemDeDup by blocks against brute force over whole numbers, both rules, exactly."""

import math
import tracemalloc

import numpy as np
import pytest

from tests.vectors.test_kmeans import blobs
from udfs.vectors import semdedup
from udfs.vectors.grid import on_grid
from udfs.vectors.semdedup import STAYS, duplicates, kept_counts, roots


def oracle(grid: np.ndarray, *, min_cosine: float, rule: str) -> list[tuple[int, float]]:
    """Compare each row with all before it, one pair after another, in Python's whole numbers."""
    rows = [[int(number) for number in row] for row in grid]
    found: list[tuple[int, float]] = []
    for later, row in enumerate(rows):
        best = (STAYS, 0.0)
        for earlier in range(later):
            if rule == "survivors" and found[earlier][0] != STAYS:
                continue
            product = sum(a * b for a, b in zip(rows[earlier], row, strict=True))
            squares = sum(a * a for a in rows[earlier]) * sum(b * b for b in row)
            cosine = product / math.sqrt(squares) if squares else 0.0
            if cosine >= min_cosine and cosine > best[1]:
                best = (earlier, cosine)
        found.append(best)
    return found


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("rule", ["survivors", "greedy"])
def test_a_random_corpus_loses_what_brute_force_says(seed: int, rule: semdedup.Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = blobs(90, clusters=12, width=8, noise=0.25, seed=seed)
    vectors[10:14] = vectors[7]  # equal ones
    vectors[20] = 0
    grid, min_cosine = on_grid(vectors), (0.8, 0.9, 0.95, 0.99)[seed % 4]
    expected = oracle(grid, min_cosine=min_cosine, rule=rule)
    for block in (7, 64, 1024):
        monkeypatch.setattr(semdedup, "BLOCK", block)
        found = duplicates(grid, min_cosine=min_cosine, rule=rule)
        assert list(zip(found.by.tolist(), found.cosine.tolist(), strict=True)) == expected
    assert 0 < found.goes.sum() < 89


def test_the_rules_differ_on_a_chain() -> None:
    angles = np.radians([0, 20, 40])
    chain = on_grid(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    ours, theirs = (duplicates(chain, min_cosine=0.9, rule=rule) for rule in ("survivors", "greedy"))
    assert ours.by.tolist() == [STAYS, 0, STAYS]
    assert theirs.by.tolist() == [STAYS, 0, 1]
    assert roots(theirs).tolist() == [0, 0, 0]
    assert semdedup.cosine_of(chain, np.array([2]), np.array([0])).round(3).tolist() == [0.766]
    assert kept_counts(chain, tried=[0.7, 0.9, 0.95], rule="survivors") == [1, 2, 3]


@pytest.mark.parametrize("rule", ["survivors", "greedy"])
def test_as_many_rows_are_counted_at_each_cosine_as_stay_at_it(rule: semdedup.Rule) -> None:
    vectors, _ = blobs(300, clusters=20, width=8, noise=0.3)
    vectors[20] = 0
    grid = on_grid(vectors)
    exact = float(duplicates(grid, min_cosine=0.8, rule=rule).cosine.max())  # a cosine that a pair has goes too
    tried = (0.95, 0.5, exact, 0.8, 1.0)
    stay = [int((~duplicates(grid, min_cosine=one, rule=rule).goes).sum()) for one in tried]
    assert kept_counts(grid, tried=tried, rule=rule) == stay and len(set(stay)) > 3
    assert kept_counts(grid, tried=(), rule=rule) == []


def test_cosines_on_the_grid_remove_what_real_ones_do_away_from_the_threshold() -> None:
    vectors, _ = blobs(400, clusters=40, width=64, noise=0.2)
    unit = vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    real = np.triu(unit @ unit.T, 1)
    assert np.abs(real - 0.97).min() > 1e-6
    near = np.abs(real - 0.97) < 1e-3
    goes = np.asarray((real >= 0.97).any(axis=0))
    unclear = np.asarray(near.any(axis=0))
    found = duplicates(on_grid(vectors), min_cosine=0.97, rule="greedy")
    assert np.array_equal(found.goes[~unclear], goes[~unclear])
    assert goes[~unclear].any()


@pytest.mark.parametrize("rule", ["survivors", "greedy"])
def test_a_crowd_in_which_every_pair_is_alike_takes_a_few_blocks_of_memory(rule: semdedup.Rule) -> None:
    vectors, _ = blobs(2500, clusters=1, width=16, noise=0.01)
    grid = on_grid(vectors)
    tracemalloc.start()
    found = duplicates(grid, min_cosine=0.9, rule=rule)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.goes.sum() == len(vectors) - 1
    block = semdedup.BLOCK**2 * 8  # bytes of cosines; a list of the pairs of a block takes ten such
    assert most < 7 * block


def test_an_empty_cluster_and_one_row_lose_nothing() -> None:
    assert duplicates(on_grid(np.zeros((0, 3))), min_cosine=0.5, rule="greedy").by.tolist() == []
    assert duplicates(on_grid(np.ones((1, 3))), min_cosine=0.5, rule="survivors").by.tolist() == [STAYS]
