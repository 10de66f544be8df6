"""Measure the rates of the embedders, beside sentence-transformers' loop, and how well the fast one agrees with its teacher.

    python -m bench.embed HELD_OUT.jsonl --fast MODEL.vectors.npz --reference-python reference/bin/python

Texts have text and language. Rates are documents a CPU second of one thread, on texts of at least 256 word pieces.
"""

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.embed_reference import SCRIPT
from jobs.engine.models import fetch
from jobs.fast_vectors.measured import agreement, by_language
from udfs.models.model_file import sha256_of
from udfs.vectors.fast_model import Array
from udfs.vectors.fast_model import loaded as fast_model
from udfs.vectors.scheme import MINILM, TOKENIZER, WEIGHTS, EmbeddingScheme
from udfs.vectors.transformer import Transformer

TOKENS = 256
Vectors = list[Array | None]


def timed(embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> tuple[float, Array]:
    """Return documents a CPU second, and the vectors; the first text is embedded before the clock starts."""
    embed(texts[:1])
    begun = time.process_time()
    found = embed(texts)
    return len(texts) / (time.process_time() - begun), np.stack([one for one in found if one is not None])


def reference(python: str, weights: Path, texts: Sequence[str], folder: Path) -> tuple[float, Array]:
    """Return the same of sentence-transformers, in its own process and environment."""
    source, target = folder / "texts.json", folder / "reference.npz"
    source.write_text(json.dumps(texts), "utf-8")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    subprocess.run([python, "-c", SCRIPT, str(weights), str(source), str(target)], check=True, env=environment)
    with np.load(target) as file:
        return float(file["rate"][0]), file["vectors"]


def main() -> None:
    """Print both tables as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("texts", type=Path)
    parser.add_argument("--fast", required=True)
    parser.add_argument("--count", type=int, default=64, help="texts that rates of transformers are measured on")
    parser.add_argument("--reference-python", help="a Python with sentence-transformers")
    parser.add_argument("--reference-model", type=Path, help="MiniLM's folder, as sentence-transformers reads it")
    parser.add_argument("--work", type=Path, default=Path("out/bench-embed"))
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in given.texts.read_text("utf-8").split("\n") if line]
    texts = [row["text"] for row in rows]
    weights, words = fetch(f"{MINILM}{WEIGHTS}"), fetch(f"{MINILM}.{TOKENIZER}")
    scheme = EmbeddingScheme(weights.path, weights.sha256, words.path, words.sha256, max_tokens=TOKENS)
    teacher, fast = Transformer(scheme), fast_model(given.fast, sha256_of(given.fast))
    long = [text for text in texts if len(next(teacher._windows(text), ())) == TOKENS]
    some = long[: given.count]
    told: dict[str, Any] = {"load": os.getloadavg()[0], "texts": len(texts), "of 256 tokens": len(long)}
    told["transformer fp32"], exact = timed(teacher.vectors, some)
    told["transformer int8"], coarse = timed(Transformer(replace(scheme, precision="int8")).vectors, some)
    told["int8 cosine to fp32"] = [float(f(np.sum(exact * coarse, axis=1))) for f in (np.mean, np.min)]
    told["fast"], _ = timed(fast.vectors, long)
    if given.reference_python:
        told["sentence-transformers"], theirs = reference(given.reference_python, given.reference_model, some, given.work)
        told["cosine to sentence-transformers"] = float(np.min(np.sum(exact * theirs, axis=1)))
    print(json.dumps(told, indent=1), flush=True)
    print(json.dumps(agreements(teacher, fast.vectors(texts), rows, given.work), indent=1))


def agreements(teacher: Transformer, found: Vectors, rows: Sequence[dict[str, Any]], work: Path) -> dict[str, Any]:
    """Return how the fast model agrees with its teacher: on all texts, on English, on others, and by language."""
    from jobs.fast_vectors.taught import taught

    right = taught(
        teacher, [row["text"] for row in rows], cache=work / "bench.teacher", say=lambda line: print(line, flush=True)
    )
    both = [(a, b, row["language"]) for a, b, row in zip(right, found, rows, strict=True) if a is not None and b is not None]
    wanted, mine, languages = np.stack([a for a, _, _ in both]), np.stack([b for _, b, _ in both]), [c for _, _, c in both]
    english = np.array(languages) == "en"
    told = {"all": agreement(wanted, mine)}
    told |= {"English": agreement(wanted[english], mine[english]), "other": agreement(wanted[~english], mine[~english])}
    return {name: vars(one) for name, one in (told | by_language(wanted, mine, languages)).items()}


if __name__ == "__main__":
    main()
