"""Fast embedders of chance, for tests of what is done with vectors."""

from pathlib import Path

import numpy as np

from udfs.vectors.agreement import Agreement
from udfs.vectors.fast_model import Card, FastModel
from udfs.vectors.sparse_features import SIZE


def fast_model(path: Path) -> FastModel:
    """Write a model of chance."""
    draw = np.random.default_rng(1)
    table, weights, bias = (draw.normal(size=size).astype(np.float32) for size in ((SIZE, 4), (4, 8), (8,)))
    card = Card("teacher sha256 0", 64, 1, 300, Agreement(60, 0.9, 0.7), {"en": Agreement(60, 0.8, 0.6)})
    made = FastModel.of(np.ones(SIZE, np.float32), table, weights, bias, card=card)
    made.save(path)
    return made
