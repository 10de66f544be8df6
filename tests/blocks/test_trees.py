"""The forest against its definition."""

import numpy as np

from udfs.blocks.trees import MAX_SCORE, Forest, scores


def test_scores_are_the_sums_of_the_leaves_that_the_answers_number() -> None:
    draw = np.random.default_rng(7)
    trees, levels, count, blocks = 5, 3, 4, 50
    forest = Forest(
        draw.integers(0, count, (trees, levels)).astype(np.int16),
        draw.integers(-3, 3, (trees, levels)).astype(np.float32),
        draw.integers(-900, 900, (trees, 1 << levels)).astype(np.int32),
        17,
    )
    features = draw.integers(-4, 4, (count, blocks)).astype(np.float32)
    wanted = []
    for block in range(blocks):
        total = forest.bias
        for tree in range(trees):
            above = [features[forest.feature[tree, level], block] > forest.border[tree, level] for level in range(levels)]
            total += int(forest.leaves[tree, sum(1 << level for level, answer in enumerate(above) if answer)])
        wanted.append(total)
    assert scores(forest, features).tolist() == wanted


def test_scores_stay_within_the_table_of_probabilities() -> None:
    forest = Forest(np.zeros((1, 1), np.int16), np.zeros((1, 1), np.float32), np.array([[-(10**9), 10**9]], np.int32), 0)
    assert scores(forest, np.array([[-1.0, 1.0]], dtype=np.float32)).tolist() == [-MAX_SCORE, MAX_SCORE]
