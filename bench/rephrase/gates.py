"""Precision and recall of every gate on the labelled rephrases: `python -m bench.rephrase.gates > bench/results/rephrase_gates.md`."""

from tests.gates.judged import GATE_OF, judged
from tests.gates.labelled import labelled

INTRODUCTION = """`python -m bench.rephrase.gates` writes this page. The set is `tests/gates/rephrases.jsonl`: 200
answers in ten styles to ten pages. All were written for it by hand, and one half was then spoiled
in 13 ways. The rules are those of `conf/beyondweb/2-rephrases.toml`.

The authors of the gates wrote the set too, and its pages are short. So the numbers show that each
gate finds its fault, and not how often models have faults. After the first look one gate was
mended: choices that are offered no longer count as claims.
"""


def main() -> None:
    """Print the page."""
    rows = judged()
    bad = [row for row in rows if row.one.fault is not None]
    good = [row for row in rows if row.one.fault is None]
    print("# The gates on labelled rephrases\n")
    print(INTRODUCTION)
    print(" - **Precision**: of the answers that the gate drops, the part that has any fault.")
    print(" - **Recall**: of the answers that were spoiled in the gate's way, the part that it drops.\n")
    print("| gate | its fault in the set | found | recall | drops in all | sound ones among them | precision |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for fault, gate in GATE_OF.items():
        mine = [row for row in bad if row.one.fault == fault]
        found = sum(gate in row.broken for row in mine)
        dropped = [row for row in rows if gate in row.broken]
        sound = sum(row.one.fault is None for row in dropped)
        precision = f"{1 - sound / len(dropped):.2f}" if dropped else "-"
        print(f"| {gate} | {len(mine)} | {found} | {found / len(mine):.2f} | {len(dropped)} | {sound} | {precision} |")
    caught, wrong = sum(bool(row.broken) for row in bad), sum(bool(row.broken) for row in good)
    print(f"\nTogether the gates drop {caught} of {len(bad)} spoiled answers and {wrong} of {len(good)} sound ones.\n")
    print("| style | spoiled answers dropped | sound answers dropped |")
    print("|---|---:|---:|")
    for style in dict.fromkeys(one.style for one in labelled()):
        mine = [row for row in rows if row.one.style == style]
        ill, well = [row for row in mine if row.one.fault], [row for row in mine if not row.one.fault]
        print(
            f"| {style} | {sum(bool(row.broken) for row in ill)} of {len(ill)} | {sum(bool(row.broken) for row in well)} of {len(well)} |"
        )
    print("\n## What gets through, and what is dropped though sound\n")
    for row in rows:
        if bool(row.broken) != (row.one.fault is not None):
            what = (
                f"spoiled by {row.one.fault}, and kept" if row.one.fault else f"sound, and dropped by {', '.join(row.broken)}"
            )
            print(f" - {row.one.page}, {row.one.style}: {what}.")


if __name__ == "__main__":
    main()
