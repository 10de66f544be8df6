"""Writes a checkpoint of a comparison as a folder of Hugging Face's Llama: config.json, model.safetensors, and the tokenizer's files."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from jobs.engine.errors import RefusedError
from jobs.testbed.outcome import FACTS
from jobs.testbed.settings import Compare
from jobs.testbed.tokenizer import Tokenizer, open_tokenizer

CONFIG, WEIGHTS, TOKENIZER, TOKENIZER_CONFIG = "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"
_ALIGNED = 8  # bytes: the header of a safetensors file ends at a multiple of it


class ExportError(RefusedError):
    """A run that has no finished checkpoint, or a folder that is not empty."""


def export(run: str, out: str) -> Iterator[str]:
    """Write the model of a run into a new folder; yield the lines that a terminal shows.

    `run` is OUT/runs/ARM/seed-N of a comparison. Raises ExportError if it holds no checkpoint, or `out` is not empty. The weights are
    float32. lm-evaluation-harness reads the folder as `--model hf --model_args pretrained=OUT`.
    """
    folder, place = Path(run), Path(out)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise ExportError(f"{out} is there and not empty, so nothing was written. Name a new folder")
    settings = _settings(folder)
    checkpoint = _checkpoint(folder)
    tokenizer, _ = open_tokenizer(settings)
    place.mkdir(parents=True, exist_ok=True)
    _write_weights(place / WEIGHTS, checkpoint["weights"])
    yield from _write_tokenizer(place, tokenizer)
    shape = checkpoint["shape"]
    _write_json(place / CONFIG, config(shape, eos=tokenizer.eos))  # last: without it nothing reads the folder
    yield f"model      {place}, {shape['layers']} layers, after {checkpoint['step']:,} steps"


def config(shape: Mapping[str, Any], *, eos: int) -> dict[str, Any]:
    """Return what transformers calls a Llama of this shape; the wavelength stands there as version 4 and as version 5 read it."""
    from udfs.testbed.model import EPSILON

    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": shape["width"],
        "intermediate_size": shape["hidden"],
        "num_hidden_layers": shape["layers"],
        "num_attention_heads": shape["heads"],
        "num_key_value_heads": shape["heads"],
        "head_dim": shape["width"] // shape["heads"],
        "vocab_size": shape["vocabulary"],
        "max_position_embeddings": shape["sequence_length"],
        "rope_theta": shape["rotary_base"],
        "rope_parameters": {"rope_type": "default", "rope_theta": shape["rotary_base"]},
        "rms_norm_eps": EPSILON,
        "hidden_act": "silu",
        "tie_word_embeddings": shape["tied"],
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": eos,
        "eos_token_id": eos,
        "torch_dtype": "float32",
    }


def _settings(run: Path) -> Compare:
    place = run.absolute().parent.parent.parent / FACTS
    try:
        return Compare.model_validate(json.loads(place.read_text("utf-8"))["recipe"])
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise ExportError(
            f"{place} cannot be read ({error}), so the tokenizer of {run} is not known. Give OUT/runs/ARM/seed-N of a comparison"
        ) from None


def _checkpoint(run: Path) -> dict[str, Any]:
    from udfs.testbed.training import read_checkpoint

    found = read_checkpoint(run)
    if found is None:
        raise ExportError(f"{run} has no checkpoint that can be read, so there is no model. Run `gristmill compare` again")
    return found


def _write_weights(path: Path, weights: Mapping[str, Any]) -> None:
    """Write tensors as safetensors has them: the length of a header, the header as JSON, then the numbers, little-endian."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    pieces, at = [], 0
    for name, weight in sorted(weights.items()):
        piece = weight.detach().cpu().float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(weight.shape), "data_offsets": [at, at + len(piece)]}
        pieces.append(piece)
        at += len(piece)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % _ALIGNED)
    with path.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        file.writelines(pieces)


def _write_tokenizer(place: Path, tokenizer: Tokenizer) -> Iterator[str]:
    """Copy a tokenizer.json and name its end of text; of others say what has to be named beside the model."""
    words = tokenizer.vocabulary
    if not words.hugging_face or words.path is None:
        yield f"tokenizer  {words.name} is no tokenizer.json, so none was written. Name one with its ids beside the model, as tokenizer=…"
        return
    from tokenizers import Tokenizer as HuggingFace

    shutil.copyfile(words.path, place / TOKENIZER)
    end = HuggingFace.from_file(str(place / TOKENIZER)).id_to_token(tokenizer.eos)
    _write_json(
        place / TOKENIZER_CONFIG,
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": end,
            "eos_token": end,
            "pad_token": end,
            "clean_up_tokenization_spaces": False,
        },
    )
    yield f"tokenizer  {place / TOKENIZER}"


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", "utf-8")
