"""[annotate.minhash]: the numbers of a signature, the published ones by name, and which pairs its bands can be expected to find."""

import math
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, model_validator

from jobs.engine.errors import RecipeError
from jobs.recipe.recipe import Recipe
from jobs.recipe.section import Positive, Section
from udfs.similarity.minhash import BackendError
from udfs.similarity.minhash import scheme as signature_scheme

# FineWeb: datatrove examples/fineweb.py. DCLM and RefinedWeb: DCLM's paper, appendix L. rpv2: RedPajama-V2's labels for 0.8.
# Beside them they name the similarity that the bands are made for: 0.75 in FineWeb, 0.8 in the others.
SETTINGS: dict[str, dict[str, int]] = {
    "fineweb": {"ngram": 5, "bands": 14, "rows": 8},
    "dclm": {"ngram": 5, "bands": 93, "rows": 15},
    "refinedweb": {"ngram": 5, "bands": 450, "rows": 20},
    "rpv2": {"ngram": 13, "bands": 9, "rows": 13},
}


class MinHash(Section):
    """Say what a signature is, and into which bands it is cut."""

    setting: Literal["fineweb", "dclm", "refinedweb", "rpv2"] | None = Field(
        None, description="a published set of ngram, bands and rows; keys given beside it win"
    )
    backend: Literal["datasketch", "rensa"] = Field(
        "datasketch", description="what makes the signatures; those of two backends are never compared"
    )
    ngram: Positive = Field(5, description="words in a shingle")
    bands: Positive = Field(24, description="bands of the LSH")
    rows: Positive = Field(6, description="rows in a band")
    seed: int = Field(1, ge=0, lt=2**32, description="seed of the permutations")

    @property
    def num_perm(self) -> int:
        """Return the values in a signature."""
        return self.bands * self.rows

    def collision(self, similarity: float) -> float:
        """Give the probability that a pair of this Jaccard similarity becomes a candidate.

        >>> round(MinHash(setting="fineweb").collision(0.8), 3)
        0.924
        """
        return float(1 - (1 - similarity**self.rows) ** self.bands)

    @model_validator(mode="before")
    @classmethod
    def _setting_fills_in(cls, given: Any) -> Any:
        name = given.get("setting") if isinstance(given, dict) else None
        return SETTINGS[name] | given if isinstance(name, str) and name in SETTINGS else given


def swapped(minhash: MinHash, *, min_similarity: float) -> str | None:
    """Say what is wrong with bands that find fewer than half of the pairs just above the similarity that is asked for."""
    # 20 buckets of 450 hashes find nothing at all: P(0.8) is about 5e-43
    above = min(1.0, min_similarity + 0.05)
    recall = minhash.collision(above)
    if recall >= 0.5:
        return None
    suits = max(1, round(math.log(1 / minhash.bands) / math.log(min_similarity))) if min_similarity < 1 else 1
    return (
        f"[annotate.minhash] {minhash.bands} bands of {minhash.rows} rows find a pair of similarity {above:.2f} with probability "
        f"{recall:.2g}: most duplicates would stay. Did bands and rows change places? Near {min_similarity}, rows = {suits} suits "
        f"{minhash.bands} bands"
    )


def recall_lines(minhash: MinHash, *, algorithm: str, min_similarity: float, measure: str) -> Iterator[str]:
    """Yield lines saying which pairs will be compared; a pair that is not compared is not found."""
    above = next((s for s in (0.8, 0.9, 0.95) if s > min_similarity), 1.0)
    rest = ", ".join(f"{_percent(minhash.collision(s))} at {s:.2f}" for s in (above, 0.5))
    yield (
        f"dedup     {minhash.bands} bands of {minhash.rows} rows over {minhash.ngram}-word shingles ({minhash.backend} {algorithm}): "
        f"{_percent(minhash.collision(min_similarity))} of pairs at Jaccard {min_similarity:.2f} are compared, {rest}"
    )
    if measure == "containment":
        # a page of n shingles inside one of m: Jaccard n / m, containment 1
        yield (
            f"dedup     containment decides, but Jaccard finds: of pages that lie whole in one twice as long "
            f"{_percent(minhash.collision(1 / 2))} are compared, in one four times as long {_percent(minhash.collision(1 / 4))}"
        )


def _percent(share: float) -> str:
    """Write a probability without rounding it to certainty.

    >>> [_percent(p) for p in (0.5, 0.99128, 0.99999, 1.0, 1e-9)]
    ['50.0%', '99.1%', 'over 99.9%', '100.0%', 'under 0.1%']
    """
    if 0.9995 <= share < 1:
        return "over 99.9%"
    return f"{share:.1%}" if share >= 0.0005 else "under 0.1%"


def minhash_of(recipe: Recipe) -> MinHash | None:
    """Return [annotate.minhash], of which dedup must know how a signature is cut into bands; None if the recipe has none."""
    found: MinHash | None = getattr(recipe.sections.get("annotate"), "minhash", None)
    return found


def scheme(minhash: MinHash) -> dict[str, str | int]:
    """Say what decides a signature beside the text: those of two schemes, in two runs or an index, must never be compared.

    Raises RecipeError if the backend is not installed.
    """
    try:
        return signature_scheme(backend=minhash.backend, ngram=minhash.ngram, num_perm=minhash.num_perm, seed=minhash.seed)
    except BackendError as error:
        raise RecipeError(f"{error}; nothing was run") from None
