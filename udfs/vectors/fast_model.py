"""The fast embedder: sparse features of a text into a small dense net, trained to agree with a transformer."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from udfs.models.model_file import ModelError, found_path
from udfs.vectors.agreement import Agreement
from udfs.vectors.sparse_features import SIZE, features

_ARRAYS = {"idf": "<f4", "table": "<f2", "bias": "<f4", "weights": "<f4"}
Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Card:
    """Say what a fast model was trained on, and how it does on texts that it was not trained on."""

    teacher: str  # what decides the teacher's vectors, by sha256
    max_tokens: int
    seed: int
    trained: int  # texts
    held_out: Agreement
    by_language: dict[str, Agreement]


@dataclass(frozen=True)
class FastModel:
    """Hold a model: features weighted by rarity, summed as rows of `table`, bent, and turned into a vector.

    Shapes: idf (SIZE,), table (SIZE, hidden), bias (hidden,), weights (hidden, width).
    """

    idf: Array
    table: npt.NDArray[np.float16]
    bias: Array
    weights: Array
    card: Card

    def vectors(self, texts: Sequence[str]) -> list[Array | None]:
        """Return the unit vector of each text; None for one without a feature. Each is made alone, whatever stands beside it."""
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> Array | None:
        places, counts = features(text, max_tokens=self.card.max_tokens)
        if not len(places):
            return None
        values = counts * self.idf[places]
        values /= np.sqrt(values @ values)
        hidden = np.maximum(values @ self.table[places].astype(np.float32) + self.bias, 0)
        found = hidden @ self.weights
        length = np.sqrt(found @ found)
        return np.asarray(found / length, dtype=np.float32) if length > 0 else None

    def save(self, path: Path) -> None:
        """Write the model; the same model makes the same bytes."""
        arrays = {name: np.asarray(getattr(self, name), dtype=kind) for name, kind in _ARRAYS.items()}
        card = np.frombuffer(json.dumps(asdict(self.card), sort_keys=True).encode(), dtype=np.uint8)
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, card=card, **arrays)


@lru_cache(maxsize=2)
def loaded(path: str, sha256: str) -> FastModel:
    """Load a model once per process, after checking its sha256. Raises ModelError for a file that is no such model."""
    try:
        with np.load(found_path(path, sha256), allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS}
            card = json.loads(file["card"].tobytes())
        made = FastModel(**arrays, card=_card(card))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{path} is no model of `gristmill train-vectors`, or is damaged ({error}). Train it again") from None
    hidden = made.bias.shape[0]
    if made.idf.shape != (SIZE,) or made.table.shape != (SIZE, hidden) or made.weights.shape[:1] != (hidden,):
        raise ModelError(f"{path} has other arrays than a fast model has. Train it again with this version")
    return made


def _card(given: dict[str, Any]) -> Card:
    by_language = {name: Agreement(**one) for name, one in given["by_language"].items()}
    return Card(**{**given, "held_out": Agreement(**given["held_out"]), "by_language": by_language})
