"""Linear models of scores: ridge regression on TF-IDF of hashed words and pairs of words, a file of two arrays.

FineWeb-Edu regresses an LLM's scores on a network's embeddings. This is the same regression on words, which needs no network.
"""

import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xxhash

from udfs.models.model_file import ModelError, found_path

SUFFIX = ".npz"
SIZE = 1 << 18  # features; the model takes twice four bytes of each
MAX_WORDS = 512  # of the beginning of a text
_WORD = re.compile(r"\w+")
Counts = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Ridge:
    """Hold a model: a weight and an inverse document frequency for each feature, and the score of a text without features."""

    weights: npt.NDArray[np.float32]
    idf: npt.NDArray[np.float32]
    intercept: float

    def score(self, text: str) -> float:
        """Return the score of a text, on the scale of the scores it was trained on."""
        places, values = weighted(features(text), self.idf)
        return float(self.intercept + values @ self.weights[places].astype(np.float64))

    def save(self, path: Path) -> None:
        """Write the model; the same model makes the same bytes."""
        with path.open("wb") as file:
            np.savez(file, weights=self.weights, idf=self.idf, intercept=np.array([self.intercept]))


def features(text: str) -> Counts:
    """Return the features of a text, sorted, and 1 + ln of how often each stands there: its first words and pairs of words."""
    words = [found[0] for found in _WORD.finditer(text[: MAX_WORDS * 64].lower())][:MAX_WORDS]
    pairs = [f"{one} {two}" for one, two in pairwise(words)]
    places = np.fromiter((xxhash.xxh3_64_intdigest(name.encode()) % SIZE for name in (*words, *pairs)), np.int64)
    found, times = np.unique(places, return_counts=True)
    return found, 1.0 + np.log(times)


def weighted(counts: Counts, idf: npt.NDArray[np.float32]) -> Counts:
    """Weigh features by their rarity, and bring the text to length 1."""
    places, values = counts
    values = values * idf[places]
    length = float(np.sqrt(values @ values))
    return places, values / length if length > 0 else values


@lru_cache(maxsize=8)
def load_ridge(path: str, sha256: str | None = None) -> Ridge:
    """Load a model once per process; with a sha256 the file must have it. Raises ModelError for a file that is no such model."""
    place = Path(path) if sha256 is None else found_path(path, sha256)
    if not place.is_file():
        raise ModelError(f"no model file at {path}: nothing can be scored. Correct the path in the recipe")
    try:
        with np.load(place, allow_pickle=False) as file:
            weights, idf, intercept = (file[name] for name in ("weights", "idf", "intercept"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"model {path} is no model of scores, or is damaged ({error}). Train or fetch it again") from None
    if weights.shape != (SIZE,) or idf.shape != (SIZE,) or intercept.shape != (1,) or not np.isfinite(weights).all():
        raise ModelError(f"model {path} has other arrays than a model of scores has. Train or fetch it again")
    return Ridge(weights, idf, float(intercept[0]))
