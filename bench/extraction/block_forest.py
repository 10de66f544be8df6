"""Train the forest that scores blocks, and write the model file."""

import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import catboost  # type: ignore[import-untyped,import-not-found,unused-ignore]
import numpy as np

from udfs.blocks.choice import PROBABILITY_ONE
from udfs.blocks.model import STEP
from udfs.blocks.trees import MAX_SCORE, SCALE, Forest


@dataclass(frozen=True)
class Growth:
    """How the forest grows; one thread and one seed, so that the same rows give the same forest."""

    trees: int = 300
    levels: int = 8
    rate: float = 0.1
    borders: int = 64
    rows_share: float = 0.6
    features_share: float = 0.3
    penalty: float = 5.0
    seed: int = 1


@dataclass(frozen=True)
class Rows:
    """What a forest learns from: a row a block, of features (rows, features), label and weight."""

    features: np.ndarray
    labels: np.ndarray
    weights: np.ndarray


def grow(rows: Rows, growth: Growth) -> Forest:
    """Train symmetric trees."""
    model = _fitted(rows, growth)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "forest.json"
        model.save_model(str(path), format="json")
        return _forest(json.loads(path.read_text("utf-8")), growth.levels)


def most_telling(rows: Rows, growth: Growth, count: int) -> np.ndarray:
    """Return the numbers of the features that a forest makes most of, in rising order."""
    importance = np.asarray(_fitted(rows, growth).get_feature_importance())
    return np.sort(np.argsort(-importance, kind="stable")[:count])


def _fitted(rows: Rows, growth: Growth) -> catboost.CatBoostClassifier:
    model = catboost.CatBoostClassifier(
        iterations=growth.trees,
        depth=growth.levels,
        learning_rate=growth.rate,
        border_count=growth.borders,
        subsample=growth.rows_share,
        rsm=growth.features_share,
        l2_leaf_reg=growth.penalty,
        random_seed=growth.seed,
        bootstrap_type="Bernoulli",
        boosting_type="Plain",
        leaf_estimation_iterations=1,
        loss_function="Logloss",
        thread_count=1,
        verbose=0,
        allow_writing_files=False,
    )
    model.fit(catboost.Pool(rows.features, rows.labels.astype(np.float32), weight=rows.weights))
    return model


def _forest(saved: dict[str, Any], levels: int) -> Forest:
    """Turn a saved model into integers; a tree that stopped early gets levels that answer nothing new."""
    feature, border, leaves = [], [], []
    scale, bias = saved["scale_and_bias"]
    for tree in saved["oblivious_trees"]:
        splits = tree["splits"] or []
        missing = levels - len(splits)
        feature.append([split["float_feature_index"] for split in splits] + [0] * missing)
        border.append([split["border"] for split in splits] + [math.inf] * missing)
        values = [round(value * scale * SCALE) for value in tree["leaf_values"]]
        leaves.append(values + [0] * ((1 << levels) - len(values)))
    return Forest(
        np.array(feature, dtype=np.int16),
        np.array(border, dtype=np.float32),
        np.array(leaves, dtype=np.int32),
        round(float(np.sum(bias)) * SCALE),
    )


def model_bytes(forest: Forest, names: Sequence[str], characters: np.ndarray, *, least: float) -> bytes:
    """Write a model file; the same arguments give the same bytes."""
    used = sorted({int(number) for number in forest.feature.ravel()})
    place = np.zeros(len(names), dtype=np.int16)
    place[used] = np.arange(len(used))
    steps = range(2 * MAX_SCORE // STEP + 1)
    odds = (1 / (1 + math.exp((MAX_SCORE - step * STEP) / SCALE)) for step in steps)
    file = BytesIO()
    np.savez_compressed(
        file,
        feature=place[forest.feature],
        border=forest.border,
        leaves=forest.leaves,
        bias=np.int64(forest.bias),
        names=np.frombuffer("\n".join(names[number] for number in used).encode("ascii"), dtype=np.uint8),
        characters=characters,
        probability=np.array([round(one * PROBABILITY_ONE) for one in odds], dtype=np.int32),
        least=np.int64(round(least * PROBABILITY_ONE)),
    )
    return file.getvalue()
