"""Compare our keep-or-drop decisions with those of datatrove's four FineWeb filters, text by text.

    python -m bench.signals.parity ROOT --reference-python reference/bin/python         the English texts of a finished run
    python -m bench.signals.parity --jsonl texts.jsonl --reference-python reference/bin/python

bench/signals/parity_reference.py says how to make the reference Python. Prints Markdown: the table, then every disagreement.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from udfs.edits import edit as edits
from udfs.signals import c4, fineweb, gopher
from udfs.words.split import split_words

Signals = Mapping[str, float]
LANGUAGE, MIN_LANGUAGE_SCORE = "en", 0.65

# What stays, in FineWeb's order. The last name of a rule is the reason datatrove gives, for the list of disagreements.
RULES: dict[str, tuple[tuple[str, Callable[[Signals], bool]], ...]] = {
    "gopher_repetition": (
        ("dup_paragraph_ratio", lambda s: s["dup_paragraph_ratio"] <= 0.3),
        ("dup_paragraph_char_ratio", lambda s: s["dup_paragraph_char_ratio"] <= 0.2),
        ("dup_line_ratio", lambda s: s["dup_line_ratio"] <= 0.3),
        ("dup_line_char_ratio", lambda s: s["dup_line_char_ratio"] <= 0.2),
        ("top_2gram_char_ratio", lambda s: s["top_2gram_char_ratio"] <= 0.20),
        ("top_3gram_char_ratio", lambda s: s["top_3gram_char_ratio"] <= 0.18),
        ("top_4gram_char_ratio", lambda s: s["top_4gram_char_ratio"] <= 0.16),
        ("dup_5gram_char_ratio", lambda s: s["dup_5gram_char_ratio"] <= 0.15),
        ("dup_6gram_char_ratio", lambda s: s["dup_6gram_char_ratio"] <= 0.14),
        ("dup_7gram_char_ratio", lambda s: s["dup_7gram_char_ratio"] <= 0.13),
        ("dup_8gram_char_ratio", lambda s: s["dup_8gram_char_ratio"] <= 0.12),
        ("dup_9gram_char_ratio", lambda s: s["dup_9gram_char_ratio"] <= 0.11),
        ("dup_10gram_char_ratio", lambda s: s["dup_10gram_char_ratio"] <= 0.10),
    ),
    "gopher_quality": (
        ("word_count", lambda s: 50 <= s["word_count"] <= 100_000),
        ("mean_word_length", lambda s: 3 <= s["mean_word_length"] <= 10),
        ("hash_ratio", lambda s: s["hash_ratio"] <= 0.1),
        ("ellipsis_ratio", lambda s: s["ellipsis_ratio"] <= 0.1),
        ("bullet_line_ratio", lambda s: s["bullet_line_ratio"] <= 0.9),
        ("ellipsis_line_ratio", lambda s: s["ellipsis_line_ratio"] <= 0.3),
        ("alpha_word_ratio", lambda s: s["alpha_word_ratio"] >= 0.8),
        ("stop_word_count", lambda s: s["stop_word_count"] >= 2),
    ),
    "c4": (
        ("c4_lorem_ipsum", lambda s: not s["c4_lorem_ipsum"]),
        ("c4_curly_bracket", lambda s: not s["c4_curly_bracket"]),
        ("c4_sentence_count", lambda s: s["c4_sentence_count"] >= 5),
    ),
    "fineweb": (
        ("fineweb_terminal_line_ratio", lambda s: s["fineweb_terminal_line_ratio"] >= 0.12),
        ("fineweb_short_line_ratio", lambda s: s["fineweb_short_line_ratio"] <= 0.67),
        ("fineweb_dup_char_ratio", lambda s: s["fineweb_dup_char_ratio"] <= 0.01),
        ("fineweb_newline_word_ratio", lambda s: s["fineweb_newline_word_ratio"] <= 0.3),
    ),
}


@dataclass(frozen=True)
class Disagreement:
    """One text about which one filter, or all in sequence, decided otherwise than ours did."""

    id: str
    filter: str
    ours: str
    theirs: str


def main() -> None:
    """Read the texts, ask both sides, print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("root", nargs="?", type=Path, help="the folder of a run that has been extracted and annotated")
    parser.add_argument("--jsonl", type=Path, action="append", default=[], help='lines of {"id", "text"} instead of a run')
    parser.add_argument(
        "--reference-python", type=Path, required=True, help="a Python with datatrove (bench/signals/parity_reference.py)"
    )
    arguments = parser.parse_args()
    if (arguments.root is None) == (not arguments.jsonl):
        parser.error("name either the folder of a run or --jsonl files: without one of them there is nothing to compare")
    texts = dict(read_jsonl(arguments.jsonl) if arguments.jsonl else read_run(arguments.root))
    with tempfile.TemporaryDirectory() as folder:
        theirs = ask_reference(texts, arguments.reference_python, Path(folder))
    print(compare(texts, theirs))


def read_jsonl(files: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield the ids and texts of JSON lines."""
    for file in files:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield row["id"], row["text"]


def read_run(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the ids and extracted texts of a run that are English by its own language signals."""
    import pyarrow.parquet as parquet

    english: set[str] = set()
    for file in sorted((root / "signals").glob("**/*.parquet")):
        names = parquet.read_schema(file).names
        if {"id", "language", "language_score"} <= set(names):
            rows = parquet.ParquetFile(file).read(columns=["id", "language", "language_score"]).to_pylist()
            english |= {
                row["id"] for row in rows if row["language"] == LANGUAGE and (row["language_score"] or 0) > MIN_LANGUAGE_SCORE
            }
    for file in sorted((root / "documents").glob("chunk=*/**/*.parquet")):
        for row in parquet.ParquetFile(file).read(columns=["id", "outcome", "text"]).to_pylist():
            if row["outcome"] == "extracted" and row["id"] in english:
                yield row["id"], row["text"]


def ask_reference(texts: Mapping[str, str], python: Path, folder: Path) -> dict[str, dict[str, Any]]:
    """Return by id what datatrove says, asked in a process of its own Python."""
    source, target = folder / "texts.jsonl", folder / "verdicts.jsonl"
    source.write_text("".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in texts.items()))
    script = Path(__file__).with_name("parity_reference.py")
    subprocess.run([str(python), str(script), str(source), str(target)], check=True)
    return {row["id"]: row for row in map(json.loads, target.read_text().splitlines())}


def measure(text: str) -> tuple[dict[str, float], str]:
    """Return all signals of a text as the pipeline measures them, FineWeb's on the C4 text, and that text."""
    words = split_words(text)
    c4_signals, c4_edits = c4.measure(text)
    cleaned = edits.apply(text, c4_edits)
    signals = gopher.repetition(text, words) | gopher.quality(text, words) | c4_signals
    return signals | fineweb.measure(cleaned, split_words(cleaned) if c4_edits else words), cleaned


def broken(filter: str, signals: Signals) -> str | None:
    """Return the first broken rule of a filter with its value, or None for a text that stays."""
    for name, keeps in RULES[filter]:
        if not keeps(signals):
            return f"{name} = {signals[name]:.6g}"
    return None


def decide(text: str) -> tuple[dict[str, str | None], str | None, str]:
    """Return our verdict by filter alone, that of all in sequence, and the C4 text."""
    signals, cleaned = measure(text)
    alone = {name: broken(name, signals) for name in ("gopher_repetition", "gopher_quality", "c4")}
    words = split_words(text)
    alone["fineweb"] = broken("fineweb", fineweb.measure(text, words))
    sequence = next((f"{name}: {rule}" for name in RULES if (rule := broken(name, signals))), None)
    return alone, sequence, cleaned


def compare(texts: Mapping[str, str], theirs: Mapping[str, dict[str, Any]]) -> str:
    """Return the comparison as Markdown: a table by filter, our speed, and the disagreements."""
    counts = {name: [0, 0, 0] for name in (*RULES, "in sequence", "C4 text")}  # kept by us, kept by them, agreed
    found: list[Disagreement] = []
    rewritten = 0
    for id, text in texts.items():
        alone, sequence, cleaned = decide(text)
        reference = theirs[id]
        ours_by = {**alone, "in sequence": sequence}
        for name, theirs_reason in {**reference["alone"], "in sequence": reference["sequence"]}.items():
            row = counts[name]
            row[0] += ours_by[name] is None
            row[1] += theirs_reason is None
            row[2] += (ours_by[name] is None) == (theirs_reason is None)
            if (ours_by[name] is None) != (theirs_reason is None):
                found.append(Disagreement(id, name, ours_by[name] or "kept", theirs_reason or "kept"))
        if reference["rewritten"] is not None:
            rewritten += 1
            counts["C4 text"][2] += cleaned == reference["rewritten"]
            if cleaned != reference["rewritten"]:
                found.append(Disagreement(id, "C4 text", "other characters", "kept"))
    table = ["| filter | texts | kept by gristmill | kept by datatrove | same decision |", "|---|---|---|---|---|"]
    for name, (ours, kept, agreed) in counts.items():
        total = rewritten if name == "C4 text" else len(texts)
        sides = "– | –" if name == "C4 text" else f"{ours} | {kept}"
        table.append(f"| {name} | {total} | {sides} | {agreed} = {100 * agreed / max(1, total):.2f} % |")
    listed = [f"| {d.id} | {d.filter} | {d.ours} | {d.theirs} |" for d in found] or ["| none | | | |"]
    head = ["", "| id | filter | gristmill | datatrove |", "|---|---|---|---|"]
    return "\n".join([*table, "", speed(texts), *head, *listed])


def speed(texts: Mapping[str, str]) -> str:
    """Return one line saying what measuring costs, all signals of all texts, on one busy core."""
    started = time.process_time()
    for text in texts.values():
        measure(text)
    seconds = time.process_time() - started
    kilobytes = sum(len(text.encode()) for text in texts.values()) / 1000
    return f"All signals: {1e6 * seconds / max(1, kilobytes):.0f} µs per KB of text, {kilobytes / 1000 / seconds:.1f} MB/s on one busy core."


if __name__ == "__main__":
    main()
