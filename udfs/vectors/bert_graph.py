"""Builds the graph of a small BERT from its weights, for ONNX Runtime; no torch, no exporter, the same bytes each time.

The operators are ONNX Runtime's fused ones: one node embeds, one attends, one adds and normalises.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from udfs.models.model_file import ModelError
from udfs.vectors import onnx_messages as onnx

Precision = Literal["fp32", "int8"]
Weights = Mapping[str, npt.NDArray[np.float32]]
WIDTH, HEADS = 384, 12  # MiniLM's; a file of weights does not say how many heads it was trained with
_EPSILON = 1e-12
_FUSED = "com.microsoft"


def weights_of(path: str | Path) -> dict[str, npt.NDArray[np.float32]]:
    """Read the float32 tensors of a .safetensors file, mapped and not copied.

    Raises ModelError for a file that is none, is cut short, or is of another network than MiniLM's.
    """
    try:
        data = np.memmap(path, mode="r")
        size = int(data[:8].view("<u8")[0])
        head = json.loads(data[8 : 8 + size].tobytes())
        found = {
            name: data[8 + size + one["data_offsets"][0] : 8 + size + one["data_offsets"][1]].view("<f4").reshape(one["shape"])
            for name, one in head.items()
            if name != "__metadata__" and one["dtype"] == "F32"
        }
        wrong = found["embeddings.word_embeddings.weight"].shape[1] != WIDTH
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise ModelError(f"{path} cannot be read as the weights of a BERT ({error}): nothing can be embedded with it") from None
    if wrong:
        raise ModelError(f"{path} holds weights of another network than MiniLM's: export it as .onnx, and name that file")
    return found


def graph_of(weights: Weights, *, precision: Precision = "fp32") -> bytes:
    """Return the graph as a file: input_ids and attention_mask in, both int32 (texts, tokens); last_hidden_state out.

    `int8` quantises the weights of each layer by column, and what meets them as it comes, by one scale a call. So a text's vector
    depends on what is embedded with it, unless it is embedded alone.
    """
    made = _Graph(weights, precision)
    made.embed()
    layers = sum(name.endswith("attention.self.query.weight") for name in weights)
    for layer in range(layers):
        made.layer(f"encoder.layer.{layer}.")
    made.nodes.append(onnx.node("Identity", [made.state], ["last_hidden_state"]))
    sides = ["texts", "tokens"]
    inputs = [onnx.value(name, "int32", sides) for name in ("input_ids", "attention_mask")]
    outputs = [onnx.value("last_hidden_state", "float32", [*sides, WIDTH])]
    return onnx.model(made.nodes, made.constants, inputs=inputs, outputs=outputs)


class _Graph:
    """Collect nodes and constants; `state` names what the last node has made."""

    def __init__(self, weights: Weights, precision: Precision) -> None:
        self.weights = weights
        self.precision = precision
        self.nodes: list[bytes] = []
        self.constants: list[bytes] = []
        self.state = ""

    def embed(self) -> None:
        """Add word, position and the vector of segment 0, which all tokens have, and normalise."""
        of = "embeddings."
        segment = self.weights[of + "token_type_embeddings.weight"][0]
        tables = [
            self._constant("words", self.weights[of + "word_embeddings.weight"]),
            self._constant("positions", self.weights[of + "position_embeddings.weight"] + segment),
            "",
            *self._given(of + "LayerNorm.weight", of + "LayerNorm.bias"),
        ]
        names = ["input_ids", "", *tables, "attention_mask"]
        self._fused("EmbedLayerNormalization", names, ["embedded", "lengths"], epsilon=_EPSILON)
        self.state = "embedded"

    def layer(self, of: str) -> None:
        """Attend, add and normalise; widen, bend, narrow, add and normalise."""
        attended = self._attention(of + "attention.self.")
        self._joined(of + "attention.output.", attended)
        wide = self._product(self.state, of + "intermediate.dense.weight")
        bent = self._fused("BiasGelu", [wide, *self._given(of + "intermediate.dense.bias")], [of + "gelu"])
        self._joined(of + "output.", bent)

    def _attention(self, of: str) -> str:
        sides = ("query", "key", "value")
        bias = self._constant(of + "bias", np.concatenate([self.weights[f"{of}{one}.bias"] for one in sides]))
        if self.precision == "int8":
            parts = [self._product(self.state, f"{of}{one}.weight") for one in sides]
            return self._fused("MultiHeadAttention", [*parts, bias, "lengths"], [of + "out"], num_heads=HEADS)
        joined = np.concatenate([self.weights[f"{of}{one}.weight"] for one in sides]).T
        names = [self.state, self._constant(of + "weight", joined), bias, "lengths"]
        return self._fused("Attention", names, [of + "out"], num_heads=HEADS)

    def _joined(self, of: str, came: str) -> None:
        """Put `came` through a dense layer, add it to the state, and normalise."""
        names = [self._product(came, of + "dense.weight"), self.state]
        names += self._given(of + "LayerNorm.weight", of + "LayerNorm.bias", of + "dense.bias")
        self.state = self._fused("SkipLayerNormalization", names, [of + "state"], epsilon=_EPSILON)

    def _product(self, came: str, name: str) -> str:
        turned = self.weights[name].T
        if self.precision == "fp32":
            self.nodes.append(onnx.node("MatMul", [came, self._constant(name, turned)], [name + ".out"]))
            return name + ".out"
        scale = np.abs(turned).max(axis=0) / np.float32(127)
        whole = np.rint(turned / np.where(scale > 0, scale, 1)).astype(np.int8)
        names = [self._constant(name, whole), self._constant(name + ".scale", scale.astype(np.float32))]
        return self._fused("DynamicQuantizeMatMul", [came, *names], [name + ".out"])

    def _given(self, *names: str) -> list[str]:
        return [self._constant(name, self.weights[name]) for name in names]

    def _constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        self.constants.append(onnx.tensor(name, values))
        return name

    def _fused(self, operator: str, names: list[str], outputs: list[str], **attributes: float | int) -> str:
        self.nodes.append(onnx.node(operator, names, outputs, domain=_FUSED, attributes=attributes))
        return outputs[0]
