"""Pack a corpus through Spark, and tokenise and merge it by datatrove: CPU, seconds and memory of both, in one run.

    python -m bench.pack.beside_datatrove TEXTS.parquet TOKENIZER.json OUT --python DATATROVE/bin/python --documents 35000

TEXTS has id and text (`python -m bench.peers.debian` makes such a file); the first documents are taken. gristmill's run with [pack] goes
on from a published corpus, so it is Spark's start, tokens, best-fit packing, the global shuffle, and one format with its spans.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import pyarrow.parquet as pq

from bench.process_usage import Usage, machine, watch

CORPUS = """[run]
name  = "packed"
dump  = "PACKED"
input = ["{texts}"]

[read]

[annotate]
line_edits = "none"
pii        = false

[publish]
"""
PACK = """
[pack]
tokenizer       = "{tokenizer}"
sequence_length = 2048
formats         = ["nanogpt"]
shard_tokens    = {shard_tokens}
"""
FILES = 2  # of datatrove's texts, a task each: as many as gristmill has cores


def main() -> None:
    """Run both sides, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--python", type=Path, help="that of an environment with datatrove; without it that side is left out")
    parser.add_argument("--documents", type=int, nargs="+", default=[35_000])
    parser.add_argument("--shard-tokens", type=int, default=100_000_000)
    given = parser.parse_args()
    print(f"{machine()}\n\n| side | documents | tokens | shards | CPU s | s | peak MB, Java | peak MB, Python |")
    print("|---|---|---|---|---|---|---|---|")
    for documents in given.documents:
        out = given.out.absolute() / str(documents)
        shutil.rmtree(out, ignore_errors=True)
        (out / "texts").mkdir(parents=True)
        corpus = pq.read_table(given.texts, columns=["id", "text"]).slice(0, documents)
        pq.write_table(corpus, out / "texts.parquet", row_group_size=2_000)
        for number in range(FILES):
            with (out / f"texts/{number}.jsonl").open("w", encoding="utf-8") as file:
                file.writelines(
                    json.dumps(row) + "\n" for row in corpus.slice(number * documents // FILES, documents // FILES).to_pylist()
                )
        del corpus
        _gristmill(out, given.tokenizer.absolute(), documents=documents, shard_tokens=given.shard_tokens)
        if given.python is not None:
            _datatrove(out, given.tokenizer.absolute(), documents=documents, python=given.python)


def _gristmill(out: Path, tokenizer: Path, *, documents: int, shard_tokens: int) -> None:
    recipe, root = out / "recipe.toml", out / "root"
    command: list[str | Path] = [sys.executable, "-m", "jobs.main", "run", recipe, "--root", root]
    recipe.write_text(CORPUS.format(texts=out / "texts.parquet"), "utf-8")
    watch(command, log=out / "corpus.log")
    with recipe.open("a", encoding="utf-8") as file:
        file.write(PACK.format(tokenizer=tokenizer, shard_tokens=shard_tokens))
    used = watch(command, log=out / "pack.log")
    shards = [*(root / "packed/epoch-0/nanogpt").glob("*.bin")]
    size = sum(file.stat().st_size for file in shards) // 2
    _row("gristmill", documents, size, len(shards), used)


def _datatrove(out: Path, tokenizer: Path, *, documents: int, python: Path) -> None:
    script = Path(__file__).with_name("datatrove_reference.py")
    used = watch([python, script, out / "texts", tokenizer, out / "datatrove"], log=out / "datatrove.log")
    merged = [*(out / "datatrove/merged").rglob("*.ds")]
    _row("datatrove", documents, sum(file.stat().st_size for file in merged) // 2, len(merged), used)


def _row(side: str, documents: int, tokens: int, shards: int, used: Usage) -> None:
    figures = f"{used.cpu_seconds:.1f} | {used.wall_seconds:.1f} | {used.java_peak_mb:,} | {used.python_peak_mb:,}"
    print(f"| {side} | {documents:,} | {tokens:,} | {shards:,} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
