"""Time gristmill's dedup against datatrove's on the same documents: from texts to deduplicated texts on disk, in fresh processes."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from bench.dedup.corpus import Corpus, write_corpus
from bench.process_usage import machine, watch

HERE = Path(__file__).resolve().parent
FINEWEB = '{"setting": "fineweb"}'
TASKS = 4  # files, of which datatrove's tasks read whole ones


def measure_speed(out: Path, *, documents: int, reference_python: Path, cores: int, memory: str) -> dict[str, Any]:
    """Make the corpus, run both sides once, the reference first, and return what was measured."""
    root, work = out / "speed-root", out / "speed-reference"
    for folder in (root, work):
        shutil.rmtree(folder, ignore_errors=True)
    found: dict[str, Any] = {"machine": machine(), "cores": cores, "documents": documents}
    size = write_corpus(root, Corpus(documents=documents), chunk_documents=-(-documents // TASKS), cores=cores)
    theirs, ours = out / "speed-reference.json", out / "speed-ours.json"
    commands: dict[str, list[str | Path]] = {
        "datatrove": [reference_python, HERE / "reference.py", root, theirs, work, "--cores", str(cores)],
        "gristmill": [sys.executable, "-m", "bench.dedup.ours", root, ours, "--minhash", FINEWEB, "--keep-text"],
    }
    commands["gristmill"] += ["--cores", str(cores), "--memory", memory]
    for name, command in commands.items():
        usage = watch(command, log=out / f"speed-{name}.log")
        found[name] = json.loads((theirs if name == "datatrove" else ours).read_text()) | usage.plain()
    found["megabytes"] = size / 1e6
    return found


def speed_table(found: dict[str, Any]) -> list[str]:
    """Return the comparison as Markdown."""
    theirs, ours = found["datatrove"], found["gristmill"]
    lines = [
        f"{found['documents']:,} documents, {found['megabytes']:.0f} MB, {found['cores']} cores, one run. {found['machine']}.",
        "",
        "| | wall s | CPU s | kept | steps, wall s |",
        "|---|---|---|---|---|",
    ]
    for name, side, kept in (("datatrove", theirs, theirs["kept"]), ("gristmill", ours, ours["decisions"]["kept"])):
        steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in side["seconds"].items())
        lines.append(f"| {name} | {side['wall_seconds']:.1f} | {side['cpu_seconds']:.1f} | {kept:,} | {steps} |")
    wall, cpu = (theirs[key] / ours[key] for key in ("wall_seconds", "cpu_seconds"))
    return [*lines, f"| ratio | **{wall:.1f}×** | **{cpu:.1f}×** | | |"]
