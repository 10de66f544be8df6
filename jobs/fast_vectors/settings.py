"""How a fast embedder is trained, and what is said if it cannot be."""

from dataclasses import dataclass

from jobs.engine.errors import RefusedError


class VectorsTrainError(RefusedError):
    """Texts or settings from which no fast embedder can be trained."""


@dataclass(frozen=True)
class FastSettings:
    """Say how to train. A document gives up to `windows` windows of `window_tokens` word pieces to learn from."""

    documents: int = 20_000
    windows: int = 4
    window_tokens: int = 128
    hidden: int = 256
    steps: int = 40
    holdout: float = 0.1  # share of the documents
    seed: int = 1
