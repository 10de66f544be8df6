"""A small GPT, as Llama is built: rotary positions, RMSNorm, SwiGLU. Its weights are one dict, by the names that Llama's have."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

Weights = dict[str, Any]  # tensors by name

STD = 0.02  # GPT-2's, of every weight at the beginning
EPSILON = 1e-5


@dataclass(frozen=True)
class Shape:
    """Say what the model looks like: sizes in numbers, the vocabulary and the sequence in tokens."""

    layers: int
    width: int
    heads: int
    hidden: int
    vocabulary: int
    sequence_length: int
    rotary_base: float = 10_000.0
    tied: bool = True

    @property
    def head_width(self) -> int:
        """Return the numbers that each head sees."""
        return self.width // self.heads


def sizes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Return the size of every weight, by its name in a checkpoint of Llama.

    >>> len(sizes(Shape(2, 8, 2, 16, 100, 32)))
    20
    """
    wide, hidden = shape.width, shape.hidden
    found: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (shape.vocabulary, wide)}
    for layer in range(shape.layers):
        name = f"model.layers.{layer}"
        found |= {f"{name}.self_attn.{one}_proj.weight": (wide, wide) for one in "qkvo"}
        found |= {f"{name}.mlp.{one}_proj.weight": (hidden, wide) for one in ("gate", "up")}
        found |= {f"{name}.mlp.down_proj.weight": (wide, hidden)}
        found |= {f"{name}.{one}_layernorm.weight": (wide,) for one in ("input", "post_attention")}
    found["model.norm.weight"] = (wide,)
    return found if shape.tied else {**found, "lm_head.weight": (shape.vocabulary, wide)}


def parameters(shape: Shape) -> int:
    """Count the parameters.

    >>> parameters(Shape(4, 192, 6, 512, 8192, 256))
    3344064
    """
    return sum(math.prod(size) for size in sizes(shape).values())


def flops_a_token(shape: Shape) -> int:
    """Return the operations of a training step for each token: six for each parameter in a product, and attention's.

    The source is PaLM's appendix B: 6 N + 12 x layers x width x sequence length. A tied table is used once, at the end.
    """
    in_products = parameters(shape) - (0 if shape.tied else shape.vocabulary * shape.width)
    return 6 * in_products + 12 * shape.layers * shape.width * shape.sequence_length


def initial(shape: Shape, *, seed: int) -> Weights:
    """Draw the weights on the CPU, so that every device begins with the same ones.

    Norms are ones. What is added to the residual stream is smaller by the root of how often that happens, as in GPT-2.
    """
    draws = torch.Generator().manual_seed(seed)
    found: Weights = {}
    for name, size in sizes(shape).items():
        if len(size) == 1:
            found[name] = torch.ones(size)
            continue
        added = name.endswith(("o_proj.weight", "down_proj.weight"))
        found[name] = torch.randn(size, generator=draws) * (STD / math.sqrt(2 * shape.layers) if added else STD)
    return found


def hidden_states(weights: Weights, ids: Any, shape: Shape) -> Any:
    """Return the last layer's vectors: ids of (batch, length) become (batch, length, width)."""
    turns = _turns(ids.shape[1], shape, device=ids.device)
    x = F.embedding(ids, weights["model.embed_tokens.weight"])
    for layer in range(shape.layers):
        name = f"model.layers.{layer}"
        x = x + _attention(weights, name, _norm(x, weights[f"{name}.input_layernorm.weight"]), turns, shape)
        x = x + _feed_forward(weights, name, _norm(x, weights[f"{name}.post_attention_layernorm.weight"]))
    return _norm(x, weights["model.norm.weight"])


def logits(weights: Weights, states: Any) -> Any:
    """Turn vectors into a score for each token of the vocabulary."""
    return F.linear(states, weights["lm_head.weight" if "lm_head.weight" in weights else "model.embed_tokens.weight"])


def _attention(weights: Weights, name: str, x: Any, turns: tuple[Any, Any], shape: Shape) -> Any:
    batch, length, wide = x.shape

    def heads(one: str) -> Any:
        return F.linear(x, weights[f"{name}.self_attn.{one}_proj.weight"]).view(batch, length, shape.heads, -1).transpose(1, 2)

    query, key = (_rotated(heads(one), turns) for one in "qk")
    value = heads("v")
    seen = F.scaled_dot_product_attention(query.to(value.dtype), key.to(value.dtype), value, is_causal=True)
    return F.linear(seen.transpose(1, 2).reshape(batch, length, wide), weights[f"{name}.self_attn.o_proj.weight"])


def _feed_forward(weights: Weights, name: str, x: Any) -> Any:
    gate, up = (F.linear(x, weights[f"{name}.mlp.{one}_proj.weight"]) for one in ("gate", "up"))
    return F.linear(F.silu(gate) * up, weights[f"{name}.mlp.down_proj.weight"])


def _norm(x: Any, weight: Any) -> Any:
    return F.rms_norm(x.float(), (x.shape[-1],), weight, EPSILON)


def _turns(length: int, shape: Shape, *, device: Any) -> tuple[Any, Any]:
    """Return cosine and sine of every place and pair of numbers, each (length, head width)."""
    pairs = torch.arange(0, shape.head_width, 2, device=device, dtype=torch.float32)
    angles = torch.outer(
        torch.arange(length, device=device, dtype=torch.float32), shape.rotary_base ** (-pairs / shape.head_width)
    )
    both = torch.cat((angles, angles), dim=-1)
    return both.cos(), both.sin()


def _rotated(x: Any, turns: tuple[Any, Any]) -> Any:
    """Turn each pair of numbers by its place. The pair of number i is i + half, as Hugging Face's Llama has it."""
    cosine, sine = turns
    first, second = x.chunk(2, dim=-1)
    return x * cosine + torch.cat((-second, first), dim=-1) * sine
