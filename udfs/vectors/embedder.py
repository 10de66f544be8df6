"""Embeds documents by the model of a scheme, a transformer or a fast one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from udfs.vectors import fast_model, transformer
from udfs.vectors.half import packed
from udfs.vectors.scheme import EmbeddingScheme

PROBE = "A mill grinds grain into flour."


@dataclass(frozen=True)
class Embedder:
    """Hold a scheme; its model is loaded at first use in each process."""

    scheme: EmbeddingScheme

    def load(self) -> int:
        """Load the model now, so that a bad file stops the task instead of failing every document; return the width.

        Raises ModelError, or ImportError if a package is missing.
        """
        (probe,) = self._model().vectors([PROBE])
        assert probe is not None
        return len(probe)

    def stored(self, texts: Sequence[str]) -> list[bytes | None]:
        """Return each text's vector as it is stored; None for a text that holds nothing to embed."""
        found = self._model().vectors(texts)
        return [
            packed(one[np.newaxis])[0] if one is not None and np.isfinite(one).all() and one.any() else None for one in found
        ]

    def _model(self) -> "transformer.Transformer | fast_model.FastModel":
        if self.scheme.fast:
            return fast_model.loaded(self.scheme.model, self.scheme.sha256)
        return transformer.loaded(self.scheme)
