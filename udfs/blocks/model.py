"""The model file: which characters count as what, and the trees that score blocks."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from udfs.blocks.characters import CharacterTable, character_table
from udfs.blocks.trees import MAX_SCORE, SCALE, Forest

FILE = "model.npz"  # beside this module, in a folder or in the zip that spark-submit is given
STEP = SCALE // 64  # of the table of probabilities


@dataclass(frozen=True)
class Model:
    """What the model file holds; `sha256` names it."""

    table: CharacterTable
    features: tuple[str, ...]  # the names of the features that the trees number
    forest: Forest
    probability: np.ndarray  # int64, by score: in units of choice.PROBABILITY_ONE
    least: int
    sha256: str

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Turn scores into integer probabilities."""
        found: np.ndarray = self.probability[(scores + MAX_SCORE) // STEP]
        return found


@cache
def shipped_model() -> Model:
    """Read the model that comes with the package."""
    return read_model(_shipped())


def read_model(data: bytes) -> Model:
    """Read the bytes of a model file."""
    with np.load(BytesIO(data), allow_pickle=False) as stored:
        forest = Forest(*(stored[name] for name in ("feature", "border", "below", "leaves")))
        names = tuple(stored["names"].tobytes().decode("ascii").split("\n"))
        table = character_table(stored["characters"])
        probability = stored["probability"].astype(np.int64)
        least = int(stored["least"])
    return Model(table, names, forest, probability, least, hashlib.sha256(data).hexdigest())


@cache
def shipped_sha256() -> str:
    """Hash the model that comes with the package."""
    return hashlib.sha256(_shipped()).hexdigest()


def _shipped() -> bytes:
    return files("udfs.blocks").joinpath(FILE).read_bytes()
