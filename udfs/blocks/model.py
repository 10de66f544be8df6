"""The model file: which characters count as what, and the trees that score blocks."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from udfs.blocks import characters
from udfs.blocks.trees import MAX_SCORE, SCALE, Forest

PATH = Path(__file__).with_name("model.npz")
STEP = SCALE // 64  # of the table of probabilities


@dataclass(frozen=True)
class Model:
    """What the model file holds; `sha256` names it."""

    tables: np.ndarray  # for characters.prefix_counts
    features: tuple[str, ...]  # the names of the features that the trees number
    forest: Forest
    probability: np.ndarray  # int64, by score: in units of choice.PROBABILITY_ONE
    least: int
    sha256: str

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Turn scores into integer probabilities."""
        return self.probability[(scores + MAX_SCORE) // STEP]


@cache
def shipped_model() -> Model:
    """Read the model that comes with the package."""
    return read_model(PATH)


def read_model(path: Path) -> Model:
    """Read a model file."""
    with np.load(path, allow_pickle=False) as stored:
        forest = Forest(stored["feature"], stored["border"], stored["leaves"], int(stored["bias"]))
        names = tuple(stored["names"].tobytes().decode("ascii").split("\n"))
        tables = characters.lookup(stored["characters"])
        probability = stored["probability"].astype(np.int64)
        least = int(stored["least"])
    return Model(tables, names, forest, probability, least, sha256_of(path))


def sha256_of(path: Path = PATH) -> str:
    """Hash a model file, by default the shipped one."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
