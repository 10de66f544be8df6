"""How a document becomes a vector: which model, how much of the text, and how it is put together."""

from dataclasses import dataclass
from typing import Any, Literal

from udfs.vectors.bert_graph import Precision

Pooling = Literal["mean", "cls", "last"]
MINILM = "all-MiniLM-L6-v2"  # the default transformer
WEIGHTS, GRAPH, FAST, TOKENIZER = ".safetensors", ".onnx", ".vectors.npz", "tokenizer.json"
LABELS = ".labels.npz"  # of a model of labels on vectors
REVISION = 1  # raised when the same models and settings give other vectors


@dataclass(frozen=True)
class EmbeddingScheme:
    """Say what decides the vectors. Models are paths on the worker with their sha256; a fast model has no tokenizer.

    A window has at most `max_tokens` tokens, the model's own marks included. The first `windows` windows of a text are averaged.
    `prefix` stands before each text, as some models want it.
    """

    model: str
    sha256: str
    tokenizer: str | None = None
    tokenizer_sha256: str | None = None
    pooling: Pooling = "mean"
    max_tokens: int = 256
    windows: int = 1
    precision: Precision = "fp32"
    prefix: str = ""

    @property
    def fast(self) -> bool:
        """Say whether the model is one of `gristmill train-vectors`."""
        return self.model.endswith(FAST)

    def facts(self) -> dict[str, Any]:
        """Return what decides the vectors, without the places where files lie."""
        hidden = ("model", "tokenizer")
        return {"revision": REVISION, **{name: value for name, value in vars(self).items() if name not in hidden}}
