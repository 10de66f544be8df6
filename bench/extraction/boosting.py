"""Train small boosted trees whose rerun gives the same file, and write them as plain numbers (udfs/page/trees.py reads them).

Needs lightgbm, for training alone: pip install lightgbm==4.7.0
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

REPEATABLE = {
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}  # the same rows give the same trees


@dataclass(frozen=True)
class Shape:
    """How many trees for each target, and how large."""

    trees: int = 60
    leaves: int = 12
    rate: float = 0.08
    min_pages: int = 20


def train(
    rows: Sequence[Mapping[str, float]], wanted: Sequence[float], weights: Sequence[float], shape: Shape
) -> lightgbm.Booster:
    """Fit trees to a number for each row, by squared error; one thread and fixed seeds."""
    names = list(rows[0])
    table = np.array([[row[name] for name in names] for row in rows])
    settings = {
        "objective": "regression",
        "num_leaves": shape.leaves,
        "learning_rate": shape.rate,
        "min_data_in_leaf": shape.min_pages,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "seed": 7,
        **REPEATABLE,
    }
    data = lightgbm.Dataset(table, label=np.array(wanted), weight=np.array(weights), feature_name=names)
    return lightgbm.train(settings, data, num_boost_round=shape.trees)


def predict(booster: lightgbm.Booster, rows: Sequence[Mapping[str, float]]) -> list[float]:
    """Return the booster's number for each row."""
    names = booster.feature_name()
    return [float(value) for value in booster.predict(np.array([[row[name] for name in names] for row in rows]), num_threads=1)]


def write(file: Path, boosters: Mapping[str, lightgbm.Booster]) -> None:
    """Write the trees of each target: nested [feature, threshold, low, high], leaves as numbers of six decimals."""
    used = sorted({name for booster in boosters.values() for name, count in _uses(booster).items() if count})
    targets = {
        target: [_tree(tree["tree_structure"], booster.feature_name(), used) for tree in _trees(booster)]
        for target, booster in boosters.items()
    }
    file.write_text(json.dumps({"features": used, "targets": targets}, separators=(",", ":")) + "\n", "utf-8")


def _trees(booster: lightgbm.Booster) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = booster.dump_model()["tree_info"]
    return found


def _uses(booster: lightgbm.Booster) -> dict[str, int]:
    return dict(zip(booster.feature_name(), map(int, booster.feature_importance()), strict=True))


def _tree(node: dict[str, Any], names: list[str], used: list[str]) -> list[Any] | float:
    if "leaf_value" in node:
        return round(float(node["leaf_value"]), 6)
    place = used.index(names[node["split_feature"]])
    return [place, node["threshold"], _tree(node["left_child"], names, used), _tree(node["right_child"], names, used)]
