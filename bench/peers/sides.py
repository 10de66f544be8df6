"""Run one side over a corpus in processes of its own, and keep what it used and which documents it kept."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from bench.peers.environments import python_of
from bench.process_usage import Limits, machine, watch

HERE = Path(__file__).resolve().parent
SIDES = {
    "gristmill": "default: 24 bands of 6, 5 words, texts compared at 0.75",
    "gristmill, FineWeb": "14 bands of 8, 5 words, texts compared at 0.75",
    "distributed-curator": "default: 16 bands of 4, 9 characters, signatures compared at 0.8",
    "distributed-curator, as published": "8 bands of 8, 9 characters, signatures compared at 0.9",
    "datatrove": "14 buckets of 8, 5 words, nothing compared",
    "data-juicer": "default: 256 hashes, bands for 0.7, 5 words, nothing compared",
}
LEFT = ("signals", "dedup", "kept", "decisions/dedup")  # by gristmill, below the corpus


@dataclass(frozen=True)
class Spark:
    """Say what every Spark gets; the others get the cores."""

    cores: int = 2
    memory: str = "4g"
    partitions: int = 16


def run_side(side: str, root: Path, out: Path, *, spark: Spark, cache: Path, limits: Limits) -> dict[str, Any]:
    """Run a side once; write OUT/SIDE.ids.parquet with what it kept and add the run to OUT/SIDE.json, which is returned."""
    name = side.replace(", ", "-").replace(" ", "-")
    work, result, told = out / f"{name}-work", out / f"{name}-side.json", out / f"{name}.json"
    for folder in (work, *(root / left for left in LEFT)):
        shutil.rmtree(folder, ignore_errors=True)
    result.unlink(missing_ok=True)
    one: dict[str, Any] = {"machine": machine(), "load_before": os.getloadavg()[0]}
    command = command_of(side, root, result, work, spark=spark, cache=cache)
    one |= watch(command, log=out / f"{name}.log", limits=limits).plain() | {"load_after": os.getloadavg()[0]}
    if not one["stopped"]:
        ids = ids_below(root / "kept" if side.startswith("gristmill") else work / "output")
        pq.write_table(pa.table({"id": sorted(ids)}), out / f"{name}.ids.parquet")
        one |= {"kept": len(ids), "seconds": json.loads(result.read_text())["seconds"]}
    before = json.loads(told.read_text())["runs"] if told.is_file() else []
    found = {"side": side, "settings": SIDES[side], "spark": vars(spark), "runs": [*before, one]}
    told.write_text(json.dumps(found, indent=1) + "\n")
    shutil.rmtree(work, ignore_errors=True)
    return found


def command_of(side: str, root: Path, result: Path, work: Path, *, spark: Spark, cache: Path) -> list[str | Path]:
    """Return the command of a side; raise SystemExit for a name that is none."""
    heap: list[str | Path] = ["--memory", spark.memory, "--partitions", str(spark.partitions)]
    ours: list[str | Path] = [sys.executable, "-m", "bench.dedup.ours", root, result, "--keep-text", *heap]
    commands: dict[str, list[str | Path]] = {
        "gristmill": ours,
        "gristmill, FineWeb": [*ours, "--minhash", '{"setting": "fineweb"}'],
    }
    if side.startswith("distributed-curator"):
        theirs = [python_of("distributed-curator", cache), HERE / "curator.py", root, result, work, *heap]
        published = ["--similarity", "0.9", "--bands", "8"]
        commands |= {"distributed-curator": theirs, "distributed-curator, as published": [*theirs, *published]}
    elif side == "datatrove":
        commands[side] = [python_of(side, cache), HERE.parent / "dedup/reference.py", root, result, work]
    elif side == "data-juicer":
        commands[side] = [python_of(side, cache), HERE / "juicer.py", root, result, work]
    if side not in commands:
        raise SystemExit(f"{side!r} is no side of this bench, so nothing was run. Sides are: {'; '.join(SIDES)}")
    return [*commands[side], "--cores", str(spark.cores)]


def ids_below(folder: Path) -> set[str]:
    """Return the ids in all Parquet files below a folder; raise SystemExit if one is there twice."""
    files = [str(file) for file in folder.glob("**/*.parquet")]
    ids = ds.dataset(files, format="parquet").to_table(columns=["id"])["id"].to_pylist()
    if len(set(ids)) != len(ids):
        raise SystemExit(f"{folder} has {len(ids) - len(set(ids))} ids more than once, so what was kept is not known")
    return set(ids)
