"""[dedup.minhash]: the numbers of the near-duplicate join, the published ones by name, and what they can be expected to find."""

import math
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, model_validator

from jobs.recipe.section import Fraction, Positive, Section

# FineWeb: datatrove examples/fineweb.py. DCLM and RefinedWeb: DCLM's paper, appendix L. rpv2: RedPajama-V2's labels for 0.8.
SETTINGS: dict[str, dict[str, int | float]] = {
    "fineweb": {"ngram": 5, "bands": 14, "rows": 8, "verify": 0.75},
    "dclm": {"ngram": 5, "bands": 93, "rows": 15, "verify": 0.8},
    "refinedweb": {"ngram": 5, "bands": 450, "rows": 20, "verify": 0.8},
    "rpv2": {"ngram": 13, "bands": 9, "rows": 13, "verify": 0.8},
}


class MinHash(Section):
    """Set the near-duplicate join."""

    setting: Literal["fineweb", "dclm", "refinedweb", "rpv2"] | None = Field(
        None, description="a published set of ngram, bands, rows and verify; keys given beside it win"
    )
    backend: Literal["datasketch", "rensa"] = Field(
        "datasketch", description="what makes the signatures; those of two backends are never compared"
    )
    measure: Literal["jaccard", "containment"] = Field(
        "jaccard", description="what verify bounds: common shingles over all, or over those of the worse document"
    )
    ngram: Positive = Field(5, description="words in a shingle")
    bands: Positive = Field(24, description="bands of the LSH")
    rows: Positive = Field(6, description="rows in a band")
    verify: Fraction = Field(0.75, description="exact similarity from which a pair is a duplicate")
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

    @model_validator(mode="after")
    def _bands_and_rows_are_not_swapped(self) -> "MinHash":
        # 20 buckets of 450 hashes find nothing at all: P(0.8) is about 5e-43
        above = min(1.0, self.verify + 0.05)
        recall = self.collision(above)
        if recall < 0.5:
            raise ValueError(
                f"{self.bands} bands of {self.rows} rows find a pair of similarity {above:.2f} with probability "
                f"{recall:.2g}: most duplicates would stay. Did bands and rows change places? "
                f"Near {self.verify}, rows = {max(1, round(math.log(1 / self.bands) / math.log(self.verify)))} suits {self.bands} bands"
            )
        return self


def recall_lines(minhash: MinHash, *, algorithm: str) -> Iterator[str]:
    """Yield lines saying which pairs will be compared; a pair that is not compared is not found."""
    above = next((s for s in (0.8, 0.9, 0.95) if s > minhash.verify), 1.0)
    rest = ", ".join(f"{_percent(minhash.collision(s))} at {s:.2f}" for s in (above, 0.5))
    yield (
        f"dedup     {minhash.bands} bands of {minhash.rows} rows over {minhash.ngram}-word shingles ({minhash.backend} {algorithm}): "
        f"{_percent(minhash.collision(minhash.verify))} of pairs at Jaccard {minhash.verify:.2f} are compared, {rest}"
    )
    if minhash.measure == "containment":
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
