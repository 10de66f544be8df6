"""The model is what its description says: held against the same arithmetic in numpy, written out for one layer."""

import numpy as np
import numpy.typing as npt
import pytest

torch = pytest.importorskip("torch")

from udfs.testbed.model import EPSILON, Shape, hidden_states, initial, logits, sizes  # noqa: E402

SHAPE = Shape(layers=1, width=8, heads=2, hidden=12, vocabulary=20, sequence_length=10, rotary_base=100.0, tied=False)
Array = npt.NDArray[np.float64]


def test_the_logits_are_those_of_the_arithmetic_written_out() -> None:
    weights = {name: weight * (20 if weight.dim() > 1 else 1) for name, weight in initial(SHAPE, seed=3).items()}
    ids = [3, 1, 4, 1, 5, 9]
    ours = logits(weights, hidden_states(weights, torch.tensor([ids]), SHAPE))[0].numpy()
    np.testing.assert_allclose(
        ours, written_out({name: w.double().numpy() for name, w in weights.items()}, ids), rtol=2e-4, atol=2e-5
    )


def test_a_later_token_changes_nothing_before_it() -> None:
    weights = initial(SHAPE, seed=3)
    first, second = (hidden_states(weights, torch.tensor([[1, 2, 3, last]]), SHAPE) for last in (4, 5))
    assert torch.equal(first[:, :3], second[:, :3]) and not torch.equal(first[:, 3], second[:, 3])


def test_a_seed_decides_the_weights_and_a_tied_model_has_one_table() -> None:
    one, same, other = (initial(SHAPE, seed=seed) for seed in (1, 1, 2))
    name = "model.layers.0.mlp.down_proj.weight"
    assert torch.equal(one[name], same[name]) and not torch.equal(one[name], other[name])
    assert {name: tuple(weight.shape) for name, weight in one.items()} == sizes(SHAPE)
    tied = sizes(Shape(1, 8, 2, 12, 20, 10))
    assert set(sizes(SHAPE)) - set(tied) == {"lm_head.weight"}


def written_out(weights: dict[str, Array], ids: list[int]) -> Array:
    def of(name: str) -> Array:
        return weights[f"model.layers.0.{name}.weight"]

    def norm(x: Array, weight: Array) -> Array:
        scaled: Array = x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON) * weight
        return scaled

    def turned(x: Array, place: int) -> Array:
        half = len(x) // 2
        angles = place / SHAPE.rotary_base ** (np.arange(half) / half)
        pairs = (x[:half] + 1j * x[half:]) * np.exp(1j * angles)
        return np.concatenate([pairs.real, pairs.imag])

    x = weights["model.embed_tokens.weight"][ids]
    seen = norm(x, of("input_layernorm"))
    query, key, value = (seen @ of(f"self_attn.{one}_proj").T for one in "qkv")
    wide = SHAPE.head_width
    mixed = np.zeros_like(x)
    for head in range(SHAPE.heads):
        part = slice(head * wide, (head + 1) * wide)
        for place in range(len(ids)):
            scores = np.array(
                [turned(query[place, part], place) @ turned(key[at, part], at) / np.sqrt(wide) for at in range(place + 1)]
            )
            shares = np.exp(scores - scores.max())
            mixed[place, part] = shares / shares.sum() @ value[: place + 1, part]
    x = x + mixed @ of("self_attn.o_proj").T
    seen = norm(x, of("post_attention_layernorm"))
    gate = seen @ of("mlp.gate_proj").T
    x = x + (gate / (1 + np.exp(-gate)) * (seen @ of("mlp.up_proj").T)) @ of("mlp.down_proj").T
    found: Array = norm(x, weights["model.norm.weight"]) @ weights["lm_head.weight"].T
    return found
