"""How a tokenizer is trained, and what is said if it cannot be."""

from dataclasses import dataclass

from jobs.engine.errors import RefusedError


class TokenizerTrainError(RefusedError):
    """Texts or settings from which no tokenizer can be trained."""


@dataclass(frozen=True)
class TokenizerSettings:
    """Say how to train. `sample_mb` is the text that is drawn, in megabytes of UTF-8; all of it is in memory."""

    vocabulary: int = 32_768
    sample_mb: int = 100
    holdout: float = 0.05  # of the texts
    seed: int = 1
