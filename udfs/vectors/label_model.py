"""Models of labels on vectors: a linear score a label, by ridge regression. A text gets the label of the largest."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from udfs.models.model_file import ModelError, found_path
from udfs.vectors.half import unpacked


@dataclass(frozen=True)
class LabelModel:
    """Hold a model. Shapes: weights (width, labels), intercept (labels,). `scheme` is what decides the vectors it was trained on."""

    names: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float32]
    scheme: Mapping[str, Any]

    def labels(self, stored: Sequence[bytes | None]) -> list[str | None]:
        """Return the label of each stored vector; None for a text without one. Each is named alone, whatever stands beside it."""
        return [self._label(one) for one in stored]

    def _label(self, stored: bytes | None) -> str | None:
        if stored is None:
            return None
        scores = unpacked([stored])[0].astype(np.float64) @ self.weights.astype(np.float64) + self.intercept
        return self.names[int(np.argmax(scores))]

    def save(self, path: Path) -> None:
        """Write the model; the same model makes the same bytes."""
        names = np.frombuffer("\n".join(self.names).encode(), dtype=np.uint8)
        scheme = np.frombuffer(json.dumps(dict(self.scheme), sort_keys=True).encode(), dtype=np.uint8)
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, names=names, scheme=scheme, weights=self.weights, intercept=self.intercept)


@lru_cache(maxsize=8)
def loaded(path: str, sha256: str | None = None) -> LabelModel:
    """Load a model once per process; with a sha256 the file must have it. Raises ModelError for a file that is no such model."""
    place = Path(path) if sha256 is None else found_path(path, sha256)
    try:
        with np.load(place, allow_pickle=False) as file:
            names = tuple(file["names"].tobytes().decode("utf-8").split("\n"))
            made = LabelModel(names, file["weights"], file["intercept"], json.loads(file["scheme"].tobytes()))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is no model of labels on vectors, or is damaged ({error}). Train it again") from None
    if made.weights.ndim != 2 or made.weights.shape[1:] != (len(names),) or made.intercept.shape != (len(names),):
        raise ModelError(f"{path} has other arrays than a model of labels on vectors has. Train it again")
    return made
