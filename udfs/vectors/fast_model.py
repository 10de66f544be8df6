"""The fast embedder: sparse features of a text, a table of them and one matrix, trained to agree with a transformer."""

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

_ARRAYS = {"scales": "<f4", "idf": "<f4", "table": "i1", "weights": "<f4", "bias": "<f4"}
_ROWS = 96  # of the table, that are summed at once: as many as stay in the processor's cache
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
    """Hold a model: features weighted by rarity, summed as rows of `table`, and turned into a vector.

    Shapes: idf and scales (SIZE,), table (SIZE, hidden), weights (hidden, width), bias (width,). A row of the table is of whole numbers,
    a quarter of the memory, and is multiplied by its scale.
    """

    idf: Array
    scales: Array
    table: npt.NDArray[np.int8]
    weights: Array
    bias: Array
    card: Card

    @classmethod
    def of(cls, idf: Array, table: Array, weights: Array, bias: Array, *, card: Card) -> "FastModel":
        """Make a model of what was learned."""
        scales = np.abs(table).max(axis=1) / np.float32(127)
        whole = np.rint(table / np.where(scales > 0, scales, 1)[:, np.newaxis]).astype(np.int8)
        return cls(idf, scales.astype(np.float32), whole, weights, bias, card)

    def vectors(self, texts: Sequence[str]) -> list[Array | None]:
        """Return the unit vector of each text; None for one without a feature. Each is made alone, whatever stands beside it."""
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> Array | None:
        places, counts = features(text, max_tokens=self.card.max_tokens)
        if not len(places):
            return None
        values = counts * self.idf[places]
        length = np.sqrt(values @ values)
        values *= self.scales[places] / (length if length > 0 else 1)
        hidden = np.zeros(len(self.weights), dtype=np.float32)
        for start in range(0, len(places), _ROWS):
            rows = self.table.take(places[start : start + _ROWS], axis=0)
            hidden += values[start : start + _ROWS] @ rows.astype(np.float32)
        found = hidden @ self.weights + self.bias
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
    shapes = [getattr(made, name).shape for name in _ARRAYS]
    if shapes != [(SIZE,), (SIZE,), (SIZE, len(made.weights)), (len(made.weights), len(made.bias)), made.bias.shape]:
        raise ModelError(f"{path} has other arrays than a fast model has. Train it again with this version")
    return made


def _card(given: dict[str, Any]) -> Card:
    by_language = {name: Agreement(**one) for name, one in given["by_language"].items()}
    return Card(**{**given, "held_out": Agreement(**given["held_out"]), "by_language": by_language})
