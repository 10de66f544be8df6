"""Tests of the export: the files, the numbers in them, and transformers' own Llama where it is installed."""

import importlib.util
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.testbed.export import ExportError, export
from tests.testbed.tiny import SHAPE, tokenizer

pytest.importorskip("torch")
SMALL = {**SHAPE, "layers": 2, "vocabulary": 320, "rotary_base": 500.0}


def _run(folder: Path, *, tied: bool, tokens: str) -> Path:
    """Write what a comparison leaves of one run: compare.json and checkpoint.pt."""
    import torch

    from udfs.testbed.model import Shape, initial

    recipe = {
        "name": "tiny",
        "tokenizer": tokens,
        "training": {"tokens": 1000},
        "arms": [{"name": "a", "corpus": ["a.jsonl"]}],
        "held_out": [{"name": "h", "uri": "h.jsonl", "web": False}],
    }
    run = folder / "out/runs/a/seed-1"
    run.mkdir(parents=True)
    (folder / "out/compare.json").write_text(json.dumps({"recipe": recipe}), "utf-8")
    shape = Shape(**SMALL, tied=tied)
    saved = {"key": "", "step": 9, "shape": asdict(shape), "weights": initial(shape, seed=3), "optimizer": None}
    torch.save(saved, run / "checkpoint.pt")
    return run


def _read(path: Path) -> dict[str, Any]:
    """Read a safetensors file by its published layout."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    assert length % 8 == 0 and header.pop("__metadata__") == {"format": "pt"}
    body = content[8 + length :]
    assert len(body) == max(one["data_offsets"][1] for one in header.values())
    return {name: np.frombuffer(body[slice(*one["data_offsets"])], "<f4").reshape(one["shape"]) for name, one in header.items()}


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_the_weights_are_those_of_the_checkpoint_and_the_config_says_their_shape(tmp_path: Path, tied: bool) -> None:
    from udfs.testbed.model import Shape, initial

    run = _run(tmp_path, tied=tied, tokens=str(tokenizer(tmp_path)))
    lines = list(export(str(run), str(tmp_path / "llama")))
    assert lines[-1].endswith("2 layers, after 9 steps")
    written, weights = _read(tmp_path / "llama/model.safetensors"), initial(Shape(**SMALL, tied=tied), seed=3)
    assert written.keys() == weights.keys() and ("lm_head.weight" in written) != tied
    assert all(np.array_equal(written[name], weights[name].numpy()) for name in weights)
    config = json.loads((tmp_path / "llama/config.json").read_text("utf-8"))
    assert (config["hidden_size"], config["num_hidden_layers"], config["vocab_size"]) == (16, 2, 320)
    assert (config["rope_theta"], config["tie_word_embeddings"], config["eos_token_id"]) == (500.0, tied, 0)
    assert json.loads((tmp_path / "llama/tokenizer_config.json").read_text("utf-8"))["eos_token"] == "<|endoftext|>"


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="transformers is not installed")
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.filterwarnings("ignore")  # transformers' own
def test_transformers_llama_gives_the_same_logits_and_its_tokenizer_the_same_ids(tmp_path: Path, tied: bool) -> None:
    import torch
    import transformers
    from tokenizers import Tokenizer

    from udfs.testbed.model import Shape, hidden_states, initial, logits

    words = tokenizer(tmp_path)
    list(export(str(_run(tmp_path, tied=tied, tokens=str(words))), str(tmp_path / "llama")))
    model, told = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "llama", output_loading_info=True)
    assert not told["missing_keys"] and not told["unexpected_keys"] and model.dtype == torch.float32
    ids = torch.tensor([[0, *range(40, 55)], [7, *range(300, 315)]])
    shape = Shape(**SMALL, tied=tied)
    weights = initial(shape, seed=3)
    with torch.no_grad():
        ours, theirs = logits(weights, hidden_states(weights, ids, shape)), model(ids).logits
    assert torch.allclose(ours, theirs, atol=1e-5) and ours.abs().max() > 0.01
    read = transformers.AutoTokenizer.from_pretrained(tmp_path / "llama")
    text = "bal kon, ä 12 <x>"
    assert read(text)["input_ids"] == Tokenizer.from_file(str(words)).encode(text).ids and read.eos_token_id == 0


def test_a_tokenizer_that_is_no_tokenizer_json_is_told_and_not_written(tmp_path: Path) -> None:
    lines = list(export(str(_run(tmp_path, tied=True, tokens="gpt2")), str(tmp_path / "llama")))
    assert lines[0].startswith("tokenizer  gpt2 is no tokenizer.json")
    assert sorted(file.name for file in (tmp_path / "llama").iterdir()) == ["config.json", "model.safetensors"]


def test_what_is_no_run_or_would_be_overwritten_is_refused(tmp_path: Path) -> None:
    run = _run(tmp_path, tied=True, tokens="gpt2")
    with pytest.raises(ExportError, match="not empty"):
        list(export(str(run), str(tmp_path)))
    (run / "checkpoint.pt").write_bytes(b"torn")
    with pytest.raises(ExportError, match="no checkpoint that can be read"):
        list(export(str(run), str(tmp_path / "llama")))
    with pytest.raises(ExportError, match="Give OUT/runs/ARM/seed-N"):
        list(export(str(tmp_path / "a/b/c"), str(tmp_path / "llama")))
    assert not (tmp_path / "llama").exists()
