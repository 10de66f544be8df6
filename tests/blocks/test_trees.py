"""The forest against walks down its trees."""

from typing import Any

import numpy as np
import pytest

from bench.extraction.block_nodes import forest_of
from udfs.blocks import trees
from udfs.blocks.trees import FIRST_TREES, MAX_LEAVES, MAX_SCORE, SCALE, SURE, scores

FEATURES, BLOCKS = 4, 60


def drawn_tree(draw: np.random.Generator, leaves: int) -> dict[str, Any]:
    if leaves == 1:
        return {"leaf_value": float(draw.normal())}
    left = int(draw.integers(1, leaves))
    return {
        "split_feature": int(draw.integers(FEATURES)),
        "threshold": float(draw.integers(-9, 9)) / 3,  # most of them no 32-bit number
        "left_child": drawn_tree(draw, left),
        "right_child": drawn_tree(draw, leaves - left),
    }


def walked(node: dict[str, Any], features: np.ndarray) -> int:
    while "leaf_value" not in node:
        node = node["right_child" if float(features[node["split_feature"]]) > node["threshold"] else "left_child"]
    return round(float(node["leaf_value"]) * SCALE)


def test_a_score_is_the_sum_of_the_leaves_that_walks_down_the_trees_end_at() -> None:
    draw = np.random.default_rng(7)
    drawn = [drawn_tree(draw, leaves) for leaves in (1, 2, 5, MAX_LEAVES - 1, MAX_LEAVES, MAX_LEAVES)]
    features = (draw.integers(-9, 9, (FEATURES, BLOCKS)) / 3).astype(np.float32)
    wanted = [sum(walked(tree, features[:, block]) for tree in drawn) for block in range(BLOCKS)]
    assert len(set(wanted)) > BLOCKS // 2
    assert scores(forest_of(drawn), features).tolist() == wanted


def test_questions_are_asked_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(5)
    drawn = [drawn_tree(draw, MAX_LEAVES) for _ in range(3)]
    features = (draw.integers(-9, 9, (FEATURES, BLOCKS)) / 3).astype(np.float32)
    wanted = [sum(walked(tree, features[:, block]) for tree in drawn) for block in range(BLOCKS)]
    monkeypatch.setattr(trees, "QUESTIONS", 7)
    assert scores(forest_of(drawn), features).tolist() == wanted


def test_the_first_trees_decide_where_they_are_sure() -> None:
    draw = np.random.default_rng(3)
    drawn = [drawn_tree(draw, 9) for _ in range(2 * FIRST_TREES)]
    features = (draw.integers(-9, 9, (FEATURES, BLOCKS)) / 3).astype(np.float32)
    first, rest = (
        [sum(walked(tree, features[:, block]) for tree in some) for block in range(BLOCKS)]
        for some in (drawn[:FIRST_TREES], drawn[FIRST_TREES:])
    )
    wanted = [early if abs(early) >= SURE else early + late for early, late in zip(first, rest, strict=True)]
    assert BLOCKS // 4 < sum(abs(early) >= SURE for early in first) < BLOCKS
    assert scores(forest_of(drawn), features).tolist() == [max(-MAX_SCORE, min(one, MAX_SCORE)) for one in wanted]


def test_scores_stay_within_the_table_of_probabilities() -> None:
    low, high = ({"leaf_value": value} for value in (-1e5, 1e5))
    tree = {"split_feature": 0, "threshold": 0.0, "left_child": low, "right_child": high}
    assert scores(forest_of([tree]), np.array([[-1.0, 1.0]], dtype=np.float32)).tolist() == [-MAX_SCORE, MAX_SCORE]
