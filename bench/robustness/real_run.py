"""Run conf/fineweb.toml over WARCs the ways that must not matter, compare the rows, and time what a changed threshold costs.

    python -m bench.robustness.real_run OUT WARC…

Writes OUT/measurements.json and prints it. Every way is a process of its own, as a user would start it.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runs import TABLES, rows

RECIPE = Path(__file__).parents[2] / "conf" / "fineweb.toml"


def main() -> int:
    """Run all ways and write what came of them."""
    out, warcs = Path(sys.argv[1]).absolute(), [str(Path(name).absolute()) for name in sys.argv[2:]]
    out.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {"machine": machine(), "warcs": {Path(w).name: Path(w).stat().st_size for w in warcs}}
    whole = run(out, "whole", warcs=warcs)
    found["whole"] = whole | {"stages": stages(out / "whole")}
    wanted = digest(out / "whole")
    found["rows"] = wanted
    found["same_rows"] = {}
    ways: dict[str, Callable[[], object]] = {
        "1 partition, adaptive execution off": lambda: run(
            out, "one", warcs=warcs, cores=1, spark={"shuffle.partitions": "1", "adaptive.enabled": "false"}
        ),
        "3 partitions": lambda: run(out, "three", warcs=warcs, split_mb=20, cores=2, spark={"shuffle.partitions": "3"}),
        "8 partitions, adaptive execution off": lambda: run(
            out, "eight", warcs=warcs, split_mb=7, cores=2, spark={"shuffle.partitions": "8", "adaptive.enabled": "false"}
        ),
        "killed in extract and in dedup": lambda: killed(out, "killed", warcs=warcs, found=found),
    }
    for name, way in ways.items():
        way()
        folder = {"1": "one", "3": "three", "8": "eight"}.get(name[0], "killed")
        found["same_rows"][name] = digest(out / folder) == wanted
    found["threshold"] = threshold(out, warcs)
    (out / "measurements.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))
    return 0 if all(found["same_rows"].values()) else 1


def command(out: Path, name: str, *, warcs: list[str], split_mb: float = 0, cores: int = 2) -> list[str]:
    """Write the recipe with its input and cut, and return the command that runs it."""
    text = RECIPE.read_text("utf-8").replace(
        'input = ["CC-MAIN-2026-43"]', f"input = {json.dumps(warcs)}\nsplit_mb = {split_mb}\nchunk_files = 1"
    )
    recipe = out / f"{name}.toml"
    recipe.write_text(text, "utf-8")
    return [sys.executable, "-m", "jobs.main", "run", str(recipe), "--root", str(out / name), "--master", f"local[{cores},4]"]


def environment(spark: dict[str, str]) -> dict[str, str]:
    """Hand settings of spark.sql to a local session that is yet to start."""
    extra = " ".join(f"--conf spark.sql.{key}={value}" for key, value in spark.items())
    return os.environ | ({"PYSPARK_SUBMIT_ARGS": f"{extra} pyspark-shell"} if extra else {})


def run(
    out: Path, name: str, *, warcs: list[str], split_mb: float = 0, cores: int = 2, spark: dict[str, str] | None = None
) -> dict[str, Any]:
    """Run to the end and return the seconds it took."""
    began = time.monotonic()
    line = command(out, name, warcs=warcs, split_mb=split_mb, cores=cores)
    with (out / f"{name}.log").open("ab") as log:
        subprocess.run(line, check=True, cwd=out, env=environment(spark or {}), stdout=log, stderr=log)
    return {"seconds": round(time.monotonic() - began, 1), "cores": cores}


def killed(out: Path, name: str, *, warcs: list[str], found: dict[str, Any]) -> None:
    """Kill the run in extract, kill the next as dedup begins, and let the third end; note which chunks were done again."""
    root = out / name
    line = command(out, name, warcs=warcs)
    kill_when(line, lambda: any(root.glob("documents/_chunks/*.json")), cwd=out)
    first = {path: path.stat().st_mtime_ns for path in root.glob("documents/_chunks/*.json")}
    finished_all = len(first) == len(warcs)
    kill_when(line, lambda: (root / "decisions/filter/_stage.json").exists(), cwd=out)
    kept = {path.name: path.stat().st_mtime_ns == at for path, at in first.items()}
    signals = {path: path.stat().st_mtime_ns for path in root.glob("signals/_chunks/*.json")}
    subprocess.run(line, check=True, cwd=out, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found["resume"] = {
        "chunks finished at the first kill": len(first),
        "of which done again": sum(not same for same in kept.values()),
        "killed between chunks": not finished_all,
        "chunks measured at the second kill": len(signals),
        "of which measured again": sum(path.stat().st_mtime_ns != at for path, at in signals.items()),
    }


def kill_when(line: list[str], reached: Callable[[], bool], *, cwd: Path) -> None:
    """Start a run and kill it with all its processes as soon as it has got somewhere."""
    process = subprocess.Popen(line, cwd=cwd, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not reached():
        if process.poll() is not None:
            raise RuntimeError(f"the run ended with {process.returncode} before it could be killed")
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def threshold(out: Path, warcs: list[str]) -> dict[str, Any]:
    """Change one number of one rule and run from the filter on."""
    line = command(out, "whole", warcs=warcs)
    recipe = Path(line[4])
    recipe.write_text(recipe.read_text("utf-8").replace("word_count >= 50", "word_count >= 80"), "utf-8")
    before = {
        path: path.stat().st_mtime_ns
        for table in ("documents", "signals")
        for path in (out / "whole" / table).rglob("*.parquet")
    }
    began = time.monotonic()
    subprocess.run([*line, "--from", "filter"], check=True, cwd=out, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = round(time.monotonic() - began, 1)
    untouched = all(path.stat().st_mtime_ns == at for path, at in before.items())
    return {"seconds": seconds, "documents and signals untouched": untouched, "stages": stages(out / "whole")}


def stages(root: Path) -> dict[str, Any]:
    """Read what each stage wrote last: seconds and ledger."""
    found = {}
    for name, folder in (
        ("extract", "documents"),
        ("annotate", "signals"),
        ("filter", "decisions/filter"),
        ("dedup", "decisions/dedup"),
        ("publish", "corpus"),
    ):
        marker = json.loads((root / folder / "_stage.json").read_text("utf-8"))
        found[name] = {key: marker[key] for key in ("seconds", "ledger", "files") if key in marker}
    return found


def digest(root: Path) -> dict[str, str]:
    """Hash the rows of every table, in the order of their ids."""
    found = {}
    for table in TABLES:
        listed = rows(root, table)  # without how the work was cut
        found[table] = f"{len(listed)} rows, sha256 {hashlib.sha256(repr(listed).encode()).hexdigest()[:16]}"
    return found


def machine() -> str:
    """Name the processor and its cores."""
    lines = Path("/proc/cpuinfo").read_text().split("\n")
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    return f"{model}, {os.cpu_count()} cores"


if __name__ == "__main__":
    sys.exit(main())
