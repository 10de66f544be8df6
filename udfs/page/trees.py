"""Evaluate small boosted trees for one row of features: plain numbers in a file, compared and added in a fixed order.

The same features give the same result on every machine: nothing here but comparisons and sums of doubles.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

# (index of the feature, threshold, branch at or below it, branch above it), or a leaf's value
Branch = float | tuple[int, float, "Branch", "Branch"]


@dataclass(frozen=True)
class Trees:
    """Sums of trees by the name of what they predict, over features in a fixed order."""

    features: tuple[str, ...]
    targets: dict[str, tuple[Branch, ...]]

    def predict(self, row: Mapping[str, float]) -> dict[str, float]:
        """Return the sum of each target's trees for one row. Raises KeyError if a feature is missing."""
        values = [row[name] for name in self.features]
        return {target: sum(_leaf(tree, values) for tree in trees) for target, trees in self.targets.items()}


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


def _leaf(tree: Branch, values: list[float]) -> float:
    while isinstance(tree, tuple):
        place, threshold, low, high = tree
        tree = low if values[place] <= threshold else high
    return tree
