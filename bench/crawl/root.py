"""Measure what looks at a finished crawl: seconds, CPU and peak memory of each command, over a root made by hand.

    python -m bench.crawl.root OUT --chunks 900 --files 100 --rows 1000

The root has a crawl's chunks, files and markers, and tables of so many tiny rows a chunk. Each command is gristmill's own, in a process
of its own, as a user would run it. `run` finds everything finished: the plan is made again and every stage is asked for. `small files`
are those that the driver reads and writes as JSON; Spark's own files are not among them.
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from bench.crawl.made_root import Size, addresses, row_ids, write_root
from bench.process_usage import machine, watch
from jobs.contexts import make_context
from jobs.engine.models import resolve_models
from jobs.engine.root import Root
from jobs.engine.session import local_session
from jobs.recipe.load import load_recipe, stages_of

TINY = Path(__file__).parents[2] / "conf" / "tiny.toml"
STEPS = ("plan", "ledger", "explain by id", "explain by URL", "sample", "report", "run")


def main() -> None:
    """Make the root, run each command over it, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--chunks", type=int, default=900)
    parser.add_argument("--files", type=int, default=100, help="of a chunk")
    parser.add_argument("--rows", type=int, default=1_000, help="of a chunk")
    parser.add_argument("--distinct", type=int, help="chunks whose rows are no other chunk's; all unless given")
    parser.add_argument("--steps", nargs="+", default=STEPS, choices=STEPS)
    given = parser.parse_args()
    out, size = given.out.absolute(), Size(given.chunks, given.files, given.rows, given.distinct or given.chunks)
    root, recipe = out / "root", out / "crawl.toml"
    print(machine())
    if not (root / "corpus/_stage.json").exists():
        make(root, recipe, size)
    stored = sum(path.stat().st_size for path in root.rglob("*.parquet"))
    print(
        f"{size.chunks:,} chunks, {len(size.paths):,} files, {size.chunks * size.rows:,} rows, {stored / 1e6:,.0f} MB of Parquet\n"
    )
    print("| command | s | CPU s | peak MB, Java | peak MB, Python |\n|---|---|---|---|---|")
    found: dict[str, Any] = {}
    for step in given.steps:
        used = watch(command(step, root, recipe, size), log=out / f"{step.replace(' ', '-')}.log")
        found[step] = used.plain()
        figures = f"{used.wall_seconds:.1f} | {used.cpu_seconds:.1f} | {used.java_peak_mb:,} | {used.python_peak_mb:,}"
        print(f"| {step} | {figures} |", flush=True)
    (out / "crawl_root.json").write_text(json.dumps({"machine": machine(), "commands": found}, indent=1) + "\n")


def command(step: str, root: Path, recipe: Path, size: Size) -> list[str | Path]:
    """Return the command line of a step."""
    ids = row_ids(size.chunks - 1, 8)
    page, address = str(ids[7]), str(addresses(ids)[7])
    arguments: dict[str, list[str | Path]] = {
        "plan": ["plan", recipe, "--root", root],
        "ledger": ["ledger", root],
        "explain by id": ["explain", root, page],
        "explain by URL": ["explain", root, address],
        "sample": ["sample", root, "--reason", "near_duplicate", "-n", "20"],
        "report": ["report", root],
        "run": ["run", recipe, "--root", root],
    }
    return [sys.executable, "-m", "jobs.main", *arguments[step]]


def make(root: Path, recipe: Path, size: Size) -> None:
    """Write the list of files, the recipe and the root."""
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    paths = root.parent / "crawl.paths"
    paths.write_text("".join(f"{path}\n" for path in size.paths))
    text = TINY.read_text("utf-8").replace("data/sample/warc/*.warc.gz", str(paths))
    recipe.write_text(text.replace("chunk_files = 1 ", f"chunk_files = {size.files} "))
    loaded = load_recipe(recipe)
    assert loaded.run.chunk_files == size.files
    spark = local_session(master="local[1]", driver_memory="1g")
    try:
        context = make_context(loaded, root=Root(spark, str(root)), models=resolve_models(loaded, stages_of(loaded)))
        began = time.monotonic()
        write_root(context, size)
        print(f"the root was made in {time.monotonic() - began:.0f} s")
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
