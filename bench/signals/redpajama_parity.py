"""Compare our RedPajama-V2 signals with those of its own code, value by value.

    python -m bench.signals.redpajama_parity texts.jsonl --reference-python reference/bin/python --code RedPajama-Data/app/src

bench/signals/redpajama_reference_run.py says how to make the reference Python. Prints Markdown: a row a signal, then disagreements.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.signals.parity import read_jsonl
from udfs.signals.redpajama import SIGNALS, measure

SAME = 1e-7  # theirs are rounded to eight decimals, those of lines before they are averaged
SHOWN = 5  # disagreements of a signal
BAD_WORDS, STOP_WORDS = ("the mill", "river", "new york", "information"), ("the", "of", "and", "a", "in", "to")


def main() -> None:
    """Read the texts, ask both sides, print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("jsonl", type=Path, nargs="+", help='lines of {"id", "text"}')
    parser.add_argument("--reference-python", type=Path, required=True, help="a Python as redpajama_reference_run.py asks for")
    parser.add_argument("--code", type=Path, required=True, help="the folder app/src of RedPajama-Data")
    given = parser.parse_args()
    texts = dict(read_jsonl(given.jsonl))
    with tempfile.TemporaryDirectory() as folder:
        source, target, words = (Path(folder) / name for name in ("texts.jsonl", "found.jsonl", "words.json"))
        source.write_text("".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in texts.items()))
        words.write_text(json.dumps({"bad": BAD_WORDS, "stop": STOP_WORDS}))
        script = Path(__file__).with_name("redpajama_reference_run.py")
        subprocess.run([str(given.reference_python), str(script), *map(str, (given.code, source, target, words))], check=True)
        theirs = {row["id"]: row for row in map(json.loads, target.read_text().splitlines())}
    started = time.process_time()
    ours = {id: measure(text, bad_words=set(BAD_WORDS), stop_words=set(STOP_WORDS)) for id, text in texts.items()}
    seconds = time.process_time() - started
    print("\n".join(compare(ours, theirs)))
    size = sum(len(text.encode()) for text in texts.values()) / 1e6
    reference = sum(row["seconds"] for row in theirs.values())
    print(f"\nSeconds of one busy core for {size:.1f} MB of text: gristmill {seconds:.1f}, the reference {reference:.1f}.")


def compare(ours: Mapping[str, Mapping[str, Any]], theirs: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a row a signal, then the first disagreements of each."""
    yield "| signal | texts | same value | |"
    yield "|---|---|---|---|"
    listed = []
    for signal in SIGNALS:
        name = signal.name
        other = [id for id in ours if not _same(ours[id][name], theirs[id][name])]
        yield f"| `{name}` | {len(ours)} | {len(ours) - len(other)} | {100 * (1 - len(other) / max(1, len(ours))):.2f} % |"
        listed += [f"| {name} | {id} | {ours[id][name]} | {theirs[id][name]} |" for id in other[:SHOWN]]
    yield ""
    yield "| signal | id | gristmill | reference |"
    yield "|---|---|---|---|"
    yield from listed or ["| none | | | |"]


def _same(ours: float | None, theirs: float | None) -> bool:
    return ours is theirs if ours is None or theirs is None else abs(ours - theirs) <= SAME


if __name__ == "__main__":
    main()
