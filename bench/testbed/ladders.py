"""The arms of conf/testbed, made and compared end to end by a toy: `python -m bench.testbed.ladders FOLDER …`.

    python -m bench.testbed.ladders out/ladders --warc 'my-crawl/*.warc.gz' --megadocs out/megadocs --quality models/quickstart-quality.bin \\
        --books books.jsonl --web web.jsonl --long long.jsonl --tasks eval

FOLDER becomes a working folder as the recipes' comments describe it, and every command is theirs. The recipes are changed in nothing but
model, budget and `max_items`; one more arm is the last rung as `[pack]` writes it. MEGADOCS is the folder of a finished conf/megadocs.
A model of this size cannot rank: the run shows that each recipe ends in a page.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.process_usage import machine, watch

CONF = Path(__file__).parents[2] / "conf"
NAMES = ("dclm", "d4", "megadocs")
TASKS = ("arc_easy", "piqa", "lambada_openai")
MODEL = "[compare.model]\nlayers = 2\nwidth = 128\nheads = 4\nhidden = 344\nsequence_length = 64\n\n"
TRAINING = "[compare.training]\ntokens = {tokens}\nbatch_sequences = 2\nlearning_rate = 1e-3\n\n"
PACKED = '[[compare.arms]]\nname   = "top-packed"\npacked = "out/dclm-arms/top-packed"\n\n'
PACK = """
[run]
name  = "top-packed"
dump  = "TOP"
input = ["chain:top"]

[read]

[annotate]
line_edits = "none"
pii        = false

[dedup]
exact_url  = "off"
exact_text = false

[pack]
tokenizer       = "models/tokenizer.json"
sequence_length = 65
formats         = ["parquet"]
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the arms, compare them, and print what each command used."""
    given = _parser().parse_args(arguments)
    folder = Path(given.folder).absolute()
    warcs = [part for warc in given.warc for part in ("--input", str(Path(warc).absolute()))]
    lay_out(folder, given)
    os.chdir(folder)
    print(machine())
    for name in NAMES:
        Path(f"{name}.toml").write_text(recipe(name, tokens=given.tokens, max_items=given.max_items), "utf-8")
    Path("pack.toml").write_text(PACK, "utf-8")
    simple = (CONF / "megadocs-simple/simple.toml").read_text("utf-8")
    Path("simple.toml").write_text(re.sub(r"(?m)^generations .*$", f"generations = {given.generations}", simple), "utf-8")
    _gristmill("run", CONF / "dclm-arms", *warcs, "--root", "out/dclm-arms")
    _gristmill("train-tokenizer", "out/dclm-arms/dedup/corpus", "--out", "models/tokenizer.json", "--vocabulary", "2048")
    _gristmill("run", "pack.toml", "--root", "out/dclm-arms/top-packed")
    for number, path in enumerate(sorted(Path("out/dclm-arms/dedup/corpus").rglob("*.parquet"))):
        link(f"my-corpus/{number}.parquet", path)
    _gristmill("run", CONF / "d4-repeat/1-select.toml", "--input", "my-corpus/*.parquet", "--root", "out/d4-half")
    _gristmill("run", "simple.toml", "--root", "out/megadocs/simple")
    for name in NAMES:
        print(_gristmill("compare", f"{name}.toml", "--root", f"out/testbed/{name}"))


def recipe(name: str, *, tokens: int, max_items: int) -> str:
    """Return a recipe of conf/testbed for the toy.

    >>> text = recipe("dclm", tokens=100, max_items=5)
    >>> text.count("max_items = 5"), text.count("tokens = 100"), "60_000_000" in text, text.count("[[compare.arms]]")
    (3, 1, False, 5)
    """
    text = (CONF / f"testbed/{name}.toml").read_text("utf-8")
    text = re.sub(r"\[compare\.model\].*?(?=\[\[compare\.arms)", MODEL + TRAINING.format(tokens=tokens), text, flags=re.DOTALL)
    if name == "dclm":
        text = text.replace("[[compare.held_out]]", f"{PACKED}[[compare.held_out]]", 1)
    return text.replace("[[compare.tasks]]\n", f"[[compare.tasks]]\nmax_items = {max_items}\n")


def lay_out(folder: Path, given: argparse.Namespace) -> None:
    """Put what the recipes name where they name it, by links."""
    places = {"models/quickstart-quality.bin": given.quality, "out/megadocs": given.megadocs}
    places |= {f"held_out/{name}.jsonl": getattr(given, name) for name in ("books", "web", "long")}
    places |= {f"eval/{task}.jsonl.gz": f"{given.tasks}/{task}.jsonl.gz" for task in TASKS}
    for name, target in places.items():
        link(folder / name, Path(target))


def link(place: str | Path, target: Path) -> None:
    """Make a link to a file or folder, unless there is one."""
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    if not Path(place).is_symlink():
        Path(place).symlink_to(target.absolute())


def _gristmill(*arguments: str | Path) -> str:
    """Run a command, print what it used, and return what it said."""
    log = Path("last.log")
    used = watch([Path(sys.executable).parent / "gristmill", *arguments], log=log)
    print(
        f"gristmill {arguments[0]} {arguments[1]}: {used.wall_seconds:.0f} s by the clock, {used.cpu_seconds:.0f} CPU s",
        flush=True,
    )
    return log.read_text("utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--warc", action="append", required=True, help="WARCs, a path or glob; may be given again")
    parser.add_argument("--megadocs", required=True, help="folder of a finished conf/megadocs")
    parser.add_argument("--generations", type=int, default=8, help="G of that chain")
    parser.add_argument("--quality", required=True, help="the classifier of the last rung")
    parser.add_argument("--tasks", required=True, help="folder with llm-foundry's files of the tasks")
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--max-items", type=int, default=20)
    for name in ("books", "web", "long"):
        parser.add_argument(f"--{name}", required=True, help="held-out text, JSONL")
    return parser


if __name__ == "__main__":
    main()
