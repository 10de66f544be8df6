"""Measure pack on real documents: what best fit saves beside concatenate-and-cut, and what a core does. `python -m bench.pack.measure FILE…`

FILE is Parquet or JSONL with a column text. Nothing else is read; no Spark runs.
"""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from bench.pack.in_process import Cost, Work, packed
from jobs.text_files import files_of, texts_of
from udfs.models.model_file import sha256_of
from udfs.token_files.format import Shape
from udfs.tokens.encoders import open_encoder
from udfs.tokens.packing import Method
from udfs.tokens.token_batches import TokenSettings
from udfs.tokens.vocabulary import GPT2, Vocabulary

LENGTHS = (1024, 2048, 4096, 8192)
METHODS: tuple[Method, ...] = ("best_fit", "concatenate")


def main(given: list[str]) -> int:
    """Print the tables; a tokenizer.json among the files is measured too."""
    tokenizers = [Path(one) for one in given if one.endswith(".json")]
    texts = [text for file in files_of([one for one in given if not one.endswith(".json")]) for text in texts_of(file) if text]
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    print(f"{len(texts):,} texts, {size:,} bytes; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    known = [Vocabulary(GPT2), *(Vocabulary(one.name, str(one), sha256_of(one)) for one in tokenizers)]
    for vocabulary in known:
        for engine in ("definition", "fastest") if vocabulary.hugging_face else ("definition",):
            _rates(texts, size, TokenSettings(vocabulary, engine, 2, eos=0, check_every=0))
            if engine == "fastest":
                _rates(texts, size, TokenSettings(vocabulary, engine, 2, eos=0, check_every=512))
    print(
        "| sequence | method | documents | cut | of them, cut though they fit | cut more often than they must be | sequences | padding, % | thrown away |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    costs: list[str] = []
    for length in LENGTHS:
        for method in METHODS:
            cost = _packed(texts, TokenSettings(Vocabulary(GPT2), "definition", 2, eos=50_256), length=length, method=method)
            shares = (
                cost.cut_though_fit / cost.documents,
                cost.padding / (cost.sequences * length),
                cost.thrown_away / cost.tokens,
            )
            fit, padding, lost = (100 * share for share in shares)
            print(
                f"| {length:,} | {method} | {cost.documents:,} | {cost.cut:,} | {cost.cut_though_fit:,} ({fit:.1f} %) | {cost.cut_beyond_need:,} | "
                f"{cost.sequences:,} | {padding:.4f} | {cost.thrown_away:,} ({lost:.1f} %) |"
            )
            costs.append(
                f"{length:,} {method}: CPU s: tokenise {cost.tokenise:.2f}, decide {cost.pack:.2f}, sort and write two formats {cost.write:.2f}"
            )
    print("\n".join(costs))
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0


def _rates(texts: list[str], size: int, settings: TokenSettings) -> None:
    """Compare the encoder's own loop with the worker that tokenises batches."""
    open_encoder(settings.vocabulary, settings.engine)  # what a process keeps of it is made before both
    new = [
        bytes(text, "utf-8", "replace").decode() for text in texts
    ]  # a string keeps the UTF-8 that an encoder once asked for
    began = time.process_time()
    encode = open_encoder(
        settings.vocabulary, settings.engine
    )  # a fresh one, as a worker's: fastokens keeps words that it has met
    for first in range(0, len(new), 100):
        encode(new[first : first + 100])
    own = time.process_time() - began
    cost = _packed(texts, settings, length=2048, method="best_fit")
    named = f"{settings.vocabulary.name} {settings.engine}{f', one in {settings.check_every} checked' if settings.check_every else ''}"
    print(json.dumps({"encoder": named, "own MB/s": round(size / own / 1e6, 1), "worker MB/s": round(size / cost.tokenise / 1e6, 1),
                      "share": round(own / cost.tokenise, 3), "all steps MB/s": round(size / (cost.tokenise + cost.pack + cost.write) / 1e6, 1)}))  # fmt: skip


def _packed(texts: list[str], settings: TokenSettings, *, length: int, method: Method) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        return packed(texts, Path(folder), Work(settings, Shape(length, settings.token_bytes), method, ("megatron", "parquet")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
