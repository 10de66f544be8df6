"""Hold perplexity, normalisation and buckets against cc_net's code, and against the loss of held-out texts.

    python -m bench.signals.perplexity TEXTS.jsonl --models MODELS --cc-net CC_NET --reference-python reference/bin/python

Texts have text and language. MODELS has LANGUAGE.sp.model and LANGUAGE.arpa.bin, as gristmill train-perplexity writes them.
"""

import argparse
import csv
import json
import math
import statistics
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from udfs.models.model_file import sha256_of
from udfs.signals.perplexity import LanguageFiles, PerplexityModels, loaded, normalised

ENDS = (30, 60)


def cutoffs(found: list[tuple[str, float | None]]) -> dict[str, tuple[float, float]]:
    """Return of each language the perplexities at which head and middle end: a half of a document is rounded up."""
    values: dict[str, list[float]] = defaultdict(list)
    for language, value in found:
        if value is not None:
            values[language].append(value)
    return {
        language: (every[(len(every) * 30 + 50) // 100], every[(len(every) * 60 + 50) // 100])
        for language, every in ((language, sorted(some)) for language, some in values.items())
    }


def bucket(value: float | None, ends: tuple[float, float] | None) -> str:
    """Return head, middle or tail, and all where nothing was measured."""
    if value is None or ends is None:
        return "all"
    return "head" if value < ends[0] else "middle" if value < ends[1] else "tail"


def reference(
    given: argparse.Namespace, texts: list[dict[str, Any]], ends: dict[str, tuple[float, float]]
) -> list[dict[str, Any]]:
    """Run cc_net with these cutoffs."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in texts), "utf-8")
        with Path(folder, "cutoff.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["", *ends])
            rows.writerows([percent, *(ends[name][place] for name in ends)] for place, percent in enumerate(ENDS))
        script = Path(__file__).with_name("perplexity_reference.py")
        files = [given.cc_net, given.models, f"{folder}/texts.jsonl", f"{folder}/cutoff.csv", f"{folder}/out.jsonl"]
        subprocess.run([given.reference_python, str(script), *files], check=True, capture_output=True)
        return [json.loads(line) for line in Path(folder, "out.jsonl").read_text("utf-8").split("\n") if line]


def loss_per_character(files: LanguageFiles, text: str) -> float | None:
    """Return bits a character of the normalised lines: the model's loss in a unit that its pieces do not decide."""
    pieces, lm = loaded(files)
    lines = [line for line in map(normalised, text.split("\n")) if line]
    score = sum(lm.score(" ".join(pieces.encode(line, out_type=str))) for line in lines)
    return -score * math.log2(10) / sum(map(len, lines)) if lines else None


def main() -> None:
    """Print what the results page says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    for name in ("--models", "--cc-net", "--reference-python"):
        parser.add_argument(name, required=True)
    given = parser.parse_args()
    texts = [json.loads(line) for line in given.texts.read_text("utf-8").split("\n") if line]
    files = []
    for model in sorted(Path(given.models).glob("*.sp.model")):
        lm = model.with_name(model.name.replace(".sp.model", ".arpa.bin"))
        files.append(LanguageFiles(model.name.split(".")[0], str(model), sha256_of(model), str(lm), sha256_of(lm)))
    made: dict[bool, list[float | None]] = {}
    for faithful in (True, False):
        models = PerplexityModels(files, faithful=faithful)
        models.load()
        began = time.process_time()
        made[faithful] = [models.measure(row["text"], row["language"]) for row in texts]
        seconds, there = time.process_time() - began, [row for row in texts if row["language"] in models.files]
        size = sum(len(row["text"].encode()) for row in there)
        name = "faithful" if faithful else "corrected"
        print(f"{name}: {len(there) / seconds:,.0f} documents/s/core, {size / seconds / 1e6:.2f} MB/s/core over {len(there)}")
    languages = [row["language"] for row in texts]
    ends = {faithful: cutoffs(list(zip(languages, made[faithful], strict=True))) for faithful in made}
    *rows, last = reference(given, texts, ends[True])
    print(f"cc_net: {sum(row['language'] in ends[True] for row in texts) / last['seconds']:,.0f} documents/s/core")
    lines = [
        (normalised(one), theirs)
        for row, ref in zip(texts, rows, strict=True)
        for one, theirs in zip(row["text"].split("\n"), ref["lines"], strict=True)
    ]
    print(f"normalised lines: {sum(mine == theirs for mine, theirs in lines):,} of {len(lines):,} the same")
    both = [(mine, ref["perplexity"]) for mine, ref in zip(made[True], rows, strict=True) if mine is not None]
    print(f"faithful perplexity, to cc_net's one decimal: {sum(round(a, 1) == b for a, b in both):,} of {len(both):,} the same")
    mine = [bucket(value, ends[True].get(name)) for name, value in zip(languages, made[True], strict=True)]
    pairs = Counter((a, ref["bucket"]) for a, ref in zip(mine, rows, strict=True))
    print(f"buckets, ours and cc_net's: {dict(sorted(pairs.items()))}")
    fixed = [bucket(value, ends[False].get(name)) for name, value in zip(languages, made[False], strict=True)]
    moved = Counter((a, b) for a, b in zip(mine, fixed, strict=True) if a != b)
    print(f"buckets that the correction moves: {sum(moved.values())} of {len(both)}: {dict(sorted(moved.items()))}")
    for one in files:
        losses: dict[str, list[float]] = defaultdict(list)
        for row, name in zip(texts, fixed, strict=True):
            if row["language"] == one.language and (loss := loss_per_character(one, row["text"])) is not None:
                losses[row.get("kind", "") + " " + name].append(loss)
        for name, some in sorted(losses.items()):
            print(f"{one.language} {name}: {len(some)} texts, {statistics.mean(some):.3f} bits a character")


if __name__ == "__main__":
    main()
