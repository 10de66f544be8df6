"""Compare `[passages.ccnet_lines]` with cc_net's own dedup.py, document by document: the text that is left.

    python -m bench.signals.ccnet_lines texts.jsonl --reference-python reference/bin/python --cc-net cc_net --root out/ccnet-lines

bench/signals/ccnet_lines_reference.py says how to make the reference Python. The recipe below runs whole, by Spark. Prints Markdown.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow.dataset

RECIPE = """
[run]
name  = "ccnet-lines"
dump  = "TEXTS"
input = ["texts.jsonl"]

[read]

[annotate]
line_edits = "none"
pii        = false

[dedup]
exact_url  = "off"
exact_text = false

[passages.ccnet_lines]
keep = "none"

[publish]
"""


def main() -> None:
    """Run both sides over the same texts and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("jsonl", type=Path, help='lines of {"id", "text"}')
    parser.add_argument("--reference-python", type=Path, required=True, help="a Python as ccnet_lines_reference.py asks for")
    parser.add_argument("--cc-net", type=Path, required=True, help="a checkout of facebookresearch/cc_net")
    parser.add_argument("--root", type=Path, required=True, help="a new folder for the run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        theirs = ask(given.jsonl, python=given.reference_python, code=given.cc_net, folder=Path(folder))
        recipe = Path(folder) / "ccnet-lines.toml"
        recipe.write_text(RECIPE, "utf-8")
        gristmill: list[str | Path] = [sys.executable, "-m", "jobs.main", "run", recipe]
        subprocess.run([*gristmill, "--input", given.jsonl, "--root", given.root], check=True)
    table = pyarrow.dataset.dataset(given.root / "corpus", format="parquet").to_table(columns=["id", "text"])
    ours = dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))
    texts = {row["id"]: row["text"] for row in map(json.loads, given.jsonl.read_text("utf-8").splitlines())}
    print(compare(texts, theirs=theirs, ours=ours))


def ask(texts: Path, *, python: Path, code: Path, folder: Path) -> dict[str, str]:
    """Return by id the text that the reference leaves, of the documents that it does not drop."""
    target = folder / "left.jsonl"
    script = Path(__file__).with_name("ccnet_lines_reference.py")
    subprocess.run([str(python), str(script), str(code), str(texts), str(target)], check=True)
    return {row["id"]: row["raw_content"] for row in map(json.loads, target.read_text("utf-8").splitlines())}


def compare(texts: Mapping[str, str], *, theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """Return the comparison as Markdown. A document without a letter left counts as dropped on both sides."""
    left = {id: (theirs.get(id, "").strip(), ours.get(id, "").strip()) for id in texts}
    other = [id for id, (reference, mine) in left.items() if reference != mine]
    lines = sum(text.count("\n") + 1 for text in texts.values())
    stayed = sum(reference.count("\n") + 1 for reference, _ in left.values() if reference)
    rows = [
        "| documents | lines | lines that the reference leaves | the same text | dropped by the reference | dropped by gristmill |",
        "|---|---|---|---|---|---|",
        f"| {len(texts):,} | {lines:,} | {stayed:,} | {len(texts) - len(other):,} "
        f"| {sum(not reference for reference, _ in left.values()):,} | {sum(not mine for _, mine in left.values()):,} |",
        "",
        *(f" - {id}: {len(left[id][0]):,} characters by the reference, {len(left[id][1]):,} by gristmill" for id in other),
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
