"""Draw a tokenizer's sample from a corpus of many small files: CPU, memory, Spark's jobs and tasks, as the files grow in number.

    python -m bench.tokenizer_sample FOLDER --files 900 9000 90000

Each file is JSONL with one text of 60 words, and no two texts are the same. So Spark reads twice, and all that grows is what a file
costs. The command is `gristmill train-tokenizer` with 1 MB of text to learn from, on two cores.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.dedup.events import environment, events
from bench.process_usage import machine, watch

WORDS = 60  # of a text
FOLDER_FILES = 1_000


def main() -> None:
    """Print a row for each number of files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, nargs="+", default=[900, 9_000, 90_000])
    given = parser.parse_args()
    print(
        f"{machine()}\n\n| files | jobs | tasks | Java CPU s | driver's Python CPU s | workers CPU s | s | peak MB, Java | of the driver's Python |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for files in given.files:
        _measure(given.folder.absolute(), files)


def _measure(folder: Path, files: int) -> None:
    corpus = folder / f"corpus-{files}"
    if not corpus.exists():
        _make(corpus, files)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "jobs.main",
            "train-tokenizer",
            corpus,
            "--out",
            f"{scratch}/tokenizer.json",
        ]
        used = watch(
            [*command, "--vocabulary", "1000", "--sample-mb", "1", "--master", "local[2,4]"],
            log=folder / f"{files}.log",
            environment=environment(Path(scratch, "events")),
        )
        told = Counter(event["Event"] for event in events(Path(scratch, "events")))
    workers = used.cpu_seconds - used.java_cpu_seconds - used.own_cpu_seconds
    cells = (
        *(f"{files:,}", f"{told['SparkListenerJobStart']:,}", f"{told['SparkListenerTaskEnd']:,}"),
        *(f"{seconds:.1f}" for seconds in (used.java_cpu_seconds, used.own_cpu_seconds, workers, used.wall_seconds)),
        *(f"{used.java_peak_mb:,}", f"{used.own_peak_mb:,}"),
    )
    print(f"| {' | '.join(cells)} |", flush=True)


def _make(corpus: Path, files: int) -> None:
    part = corpus.with_name(f"{corpus.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    words = [
        f"{one}{other}{third}" for one in ("mil", "gra", "wat", "sto") for other in "aeiou" for third in ("n", "r", "st", "ler")
    ]
    chance = random.Random(1)
    for number in range(files):
        place = part / f"{number // FOLDER_FILES:03}"
        if not number % FOLDER_FILES:
            place.mkdir(parents=True)
        text = " ".join([*chance.choices(words, k=WORDS), str(number)])
        (place / f"{number:06}.jsonl").write_text(json.dumps({"text": text}) + "\n", "utf-8")
    part.rename(corpus)


if __name__ == "__main__":
    main()
