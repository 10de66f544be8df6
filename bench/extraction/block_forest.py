"""Train the forest that scores blocks, and write the model file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import lightgbm
import numpy as np

from bench.extraction.block_nodes import forest_of
from bench.extraction.boosting import REPEATABLE
from udfs.blocks.choice import PROBABILITY_ONE
from udfs.blocks.model import STEP
from udfs.blocks.trees import MAX_SCORE, SCALE, Forest


@dataclass(frozen=True)
class Growth:
    """How the forest grows; one thread and one seed, so that the same rows give the same forest."""

    trees: int = 800
    leaves: int = 31
    rate: float = 0.07
    borders: int = 63
    min_rows: int = 60
    rows_share: float = 0.6
    features_share: float = 0.25
    penalty: float = 5.0
    seed: int = 1


@dataclass(frozen=True)
class Rows:
    """What a forest learns from: a row a block, of features (rows, features), label and weight."""

    features: np.ndarray
    labels: np.ndarray
    weights: np.ndarray


def grow(rows: Rows, growth: Growth) -> Forest:
    """Train the trees."""
    settings = {
        "objective": "binary",
        "num_leaves": growth.leaves,
        "learning_rate": growth.rate,
        "max_bin": growth.borders,
        "min_data_in_bin": 5,
        "min_data_in_leaf": growth.min_rows,
        "bagging_fraction": growth.rows_share,
        "bagging_freq": 1,
        "feature_fraction": growth.features_share,
        "lambda_l2": growth.penalty,
        "seed": growth.seed,
        **REPEATABLE,
    }
    data = lightgbm.Dataset(rows.features, rows.labels.astype(np.float32), weight=rows.weights, params=settings)
    dump = lightgbm.train(settings, data, growth.trees).dump_model()
    return forest_of([tree["tree_structure"] for tree in dump["tree_info"]])


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
        below=forest.below,
        leaves=forest.leaves,
        names=np.frombuffer("\n".join(names[number] for number in used).encode("ascii"), dtype=np.uint8),
        characters=characters,
        probability=np.array([round(one * PROBABILITY_ONE) for one in odds], dtype=np.int32),
        least=np.int64(round(least * PROBABILITY_ONE)),
    )
    return file.getvalue()
