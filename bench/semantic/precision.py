"""Print how often a removed pair says the same, by finder and threshold, from the pairs that a person read (`read_pairs.tsv`).

    python -m bench.semantic.precision

A row is a document that a finder removes, and the earlier document that is nearest to it. A finder's column has the Jaccard similarity or
the cosine by which it removes that pair, and nothing where it does not. All pairs of web pages were read, and some of the reference pages.
"""

import csv
from collections import Counter
from pathlib import Path

READ = Path(__file__).with_name("read_pairs.tsv")
LABELS = ("same text", "other words", "template", "topic", "other")
SAME = LABELS[:2]
TRIED = {"minhash": (0.75,), "minilm": (0.75, 0.8, 0.85, 0.9, 0.95), "fast": (0.75, 0.8, 0.85, 0.9, 0.95)}


def main() -> None:
    """Print a table for each kind of page."""
    with READ.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for kind in ("web", "reference"):
        print(
            f"\n{kind} pages\n\n| finder | from | read | {' | '.join(LABELS)} | say the same |\n{'|---' * (len(LABELS) + 4)}|"
        )
        for finder, thresholds in TRIED.items():
            for least in thresholds:
                found = [row["label"] for row in rows if row["kind"] == kind and row[finder] and float(row[finder]) >= least]
                counts = Counter(found)
                share = sum(counts[one] for one in SAME) / max(1, len(found))
                told = " | ".join(str(counts[one]) for one in LABELS)
                print(f"| {finder} | {least} | {len(found)} | {told} | {share:.0%} |")


if __name__ == "__main__":
    main()
