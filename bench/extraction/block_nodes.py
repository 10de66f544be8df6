"""Turn trees as LightGBM dumps them into the arrays of integers that score blocks."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from udfs.blocks.trees import MAX_LEAVES, SCALE, Forest

Node = tuple[int, float, int]  # a feature, a border, and the bits of the leaves below it
_NOTHING: Node = (0, math.inf, 0)


def forest_of(trees: Sequence[dict[str, Any]]) -> Forest:
    """Return the forest of some trees; one with few leaves gets nodes that rule nothing out."""
    found = [_nodes_and_leaves(tree) for tree in trees]
    width = max(len(nodes) for nodes, _ in found)
    nodes = [[*some, *[_NOTHING] * (width - len(some))] for some, _ in found]
    leaves = [[*some, *[0] * (MAX_LEAVES - len(some))] for _, some in found]
    feature, border, below = (np.array([[node[part] for node in tree] for tree in nodes]) for part in range(3))
    return Forest(feature.astype(np.int16), _rounded_down(border), below.astype(np.uint32), np.array(leaves, dtype=np.int32))


def _nodes_and_leaves(tree: dict[str, Any]) -> tuple[list[Node], list[int]]:
    leaves: list[int] = []

    def walk(node: dict[str, Any]) -> Iterator[Node]:
        if "leaf_value" in node:
            leaves.append(round(float(node["leaf_value"]) * SCALE))
            return
        first = len(leaves)
        yield from walk(node["left_child"])
        yield node["split_feature"], node["threshold"], (1 << len(leaves)) - (1 << first)
        yield from walk(node["right_child"])

    return list(walk(tree)), leaves


def _rounded_down(borders: np.ndarray) -> np.ndarray:
    """Return the largest 32-bit numbers that are not above the borders: the same 32-bit features are above them."""
    rounded = borders.astype(np.float32)
    lower: np.ndarray = np.where(rounded > borders, np.nextafter(rounded, np.float32(-np.inf)), rounded)
    return lower
