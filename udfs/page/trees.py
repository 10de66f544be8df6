"""Evaluate small boosted trees for one row of features: plain numbers in a file, compared and added in a fixed order.

The same features give the same result on every machine: nothing here but comparisons and sums of doubles.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import islice

import numpy as np

# (index of the feature, threshold, branch at or below it, branch above it), or a leaf's value
Branch = float | tuple[int, float, "Branch", "Branch"]


@dataclass(frozen=True)
class Trees:
    """Sums of trees by the name of what they predict, over features in a fixed order."""

    features: tuple[str, ...]
    targets: dict[str, tuple[Branch, ...]]

    def predict(self, row: Mapping[str, float]) -> dict[str, float]:
        """Return the sum of each target's trees for one row. Raises KeyError if a feature is missing.

        All trees are walked at once, one level after the other.
        """
        values = np.array([row[name] for name in self.features], dtype=np.float64)
        nodes = self._nodes
        branch = np.where(values[nodes.feature] <= nodes.threshold, nodes.low, nodes.high)
        place = nodes.roots
        for _ in range(nodes.levels):
            place = branch[place]
        leaves = iter(nodes.value[place].tolist())
        return {target: sum(islice(leaves, len(trees))) for target, trees in self.targets.items()}

    @cached_property
    def _nodes(self) -> "_Nodes":
        return _nodes([tree for trees in self.targets.values() for tree in trees])


@dataclass(frozen=True)
class _Nodes:
    """The nodes of all trees as arrays; both branches of a leaf lead to itself."""

    roots: np.ndarray  # one a tree: its place among the nodes
    levels: int  # of the deepest tree
    feature: np.ndarray  # one a node, as all that follow
    threshold: np.ndarray
    low: np.ndarray
    high: np.ndarray
    value: np.ndarray


def _nodes(trees: Sequence[Branch]) -> _Nodes:
    rows: list[tuple[int, float, int, int, float]] = []

    def add(branch: Branch) -> tuple[int, int]:
        """Return a branch's place among the nodes and its levels."""
        place = len(rows)
        rows.append((0, 0.0, place, place, 0.0))
        if not isinstance(branch, tuple):
            rows[place] = (0, 0.0, place, place, branch)
            return place, 0
        (low, levels), (high, others) = add(branch[2]), add(branch[3])
        rows[place] = (branch[0], branch[1], low, high, 0.0)
        return place, 1 + max(levels, others)

    found = [add(tree) for tree in trees]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return _Nodes(np.array([root for root, _ in found]), max(levels for _, levels in found), *columns)


@lru_cache(maxsize=4)
def read_trees(name: str) -> Trees:
    """Read the trees of a file beside this one, also out of a zip."""
    found = json.loads(_bytes(name))
    targets = {target: tuple(_branch(tree) for tree in trees) for target, trees in found["targets"].items()}
    return Trees(tuple(found["features"]), targets)


@lru_cache(maxsize=4)
def sha256_of(name: str) -> str:
    """Return the sha256 of a file beside this one: it stands in fingerprints."""
    return sha256(_bytes(name)).hexdigest()


def _bytes(name: str) -> bytes:
    return files("udfs.page").joinpath(name).read_bytes()


def _branch(tree: list[object] | float) -> Branch:
    if isinstance(tree, list):
        place, threshold, low, high = tree
        return int(place), float(threshold), _branch(low), _branch(high)  # type: ignore[call-overload, arg-type]
    return float(tree)
