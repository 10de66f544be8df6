"""One run of the semantic stage at work: where its steps lie, and how long its vectors are."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.engine.draw import draw
from jobs.engine.root import Root
from jobs.semantic.settings import Semantic


@dataclass(frozen=True)
class Work:
    """`folder` lies below the root and holds every step, each with a marker written last. `width` is that of a vector."""

    root: Root
    folder: str
    settings: Semantic
    width: int = 1

    def step(self, name: str) -> str:
        """Name a step's place below the root."""
        return f"{self.folder}/{name}"

    def draw(self, purpose: str) -> Column:
        """Return a number above 0 and below 1 for each id: a hash of it, the seed and the purpose."""
        return draw(F.xxhash64(F.col("id"), F.lit(f"{purpose}:{self.settings.seed}")))

    def some(self, rows: DataFrame, *, of: int, about: int, purpose: str) -> DataFrame:
        """Return about so many rows of so many, chosen by a hash of their ids; all if they are no more."""
        return rows if of <= about else rows.where(self.draw(purpose) < F.lit(about / of))
