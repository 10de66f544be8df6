"""Measure what dedup costs where there is little to do, in the driver's memory and as the distributed join: seconds, CPU, jobs.

    gristmill run conf/quickstart.toml --root out/quickstart
    python -m bench.dedup.fixed_cost out/quickstart OUT --times 3

Dedup of a copy of a finished root runs again and again in one session, both ways in turn. The first time of either is that of a JVM
which has not seen the work. CPU seconds are those of the driver, the JVM and its Python workers.
"""

import argparse
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from bench.process_usage import look_at_all, machine
from jobs.contexts import make_context
from jobs.dedup import in_memory
from jobs.engine.job import Context
from jobs.engine.models import resolve_models
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.engine.session import local_session
from jobs.recipe.load import load_recipe, stages_of
from tests.runs import digest

RECIPE = Path("conf/quickstart.toml")
WAYS = {"memory": in_memory.DOCUMENTS, "join": 0}


def main() -> None:
    """Measure both ways and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path, help="of a finished run of the quickstart")
    parser.add_argument("out", type=Path)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    out: Path = given.out.absolute()
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(given.root, out / "root")
    shutil.rmtree(out / "root/lease", ignore_errors=True)
    recipe = load_recipe(RECIPE)
    models = resolve_models(recipe, stages_of(recipe))
    spark = local_session(master=f"local[{given.cores}]", driver_memory="1g")
    context = make_context(recipe, root=Root(spark, str(out / "root")), models=models, start="dedup")
    found = [measure(context, way, number) for number in range(given.times) for way in WAYS]
    spark.stop()
    (out / "fixed_cost.json").write_text(json.dumps({"machine": machine(), "runs": found}, indent=1) + "\n")
    print("| way | time | documents | dropped | s | CPU s | jobs |\n|---|---|---|---|---|---|---|")
    for one in found:
        print("| {way} | {number} | {documents:,} | {dropped:,} | {s:.1f} | {cpu_s:.1f} | {jobs} |".format(**one))
    if len({one["rows"] for one in found}) > 1:
        raise SystemExit("the two ways gave different rows")


def measure(context: Context, way: str, number: int) -> dict[str, Any]:
    """Run dedup once more, and say what it took."""
    in_memory.DOCUMENTS = WAYS[way]
    scheduler: Any = context.root.spark.sparkContext._jsc.sc().dagScheduler()
    jobs, cpu, began = scheduler.numTotalJobs(), cpu_seconds(), time.perf_counter()
    ledger = run_stages(context, only="dedup")["dedup"]["ledger"]
    spent = {"s": time.perf_counter() - began, "cpu_s": cpu_seconds() - cpu, "jobs": scheduler.numTotalJobs() - jobs}
    dropped = sum(ledger["dropped"].values())
    rows = digest(Path(context.root.path))["decisions/dedup"]
    return {"rows": rows, "way": way, "number": number + 1, "documents": ledger["in"], "dropped": dropped, **spent}


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and all that it started and that still runs."""
    looks = look_at_all()
    known = {os.getpid()}
    for _ in looks:
        more = {pid for pid in looks if looks[pid].parent in known} - known
        if not more:
            break
        known |= more
    return sum(looks[pid].cpu_seconds for pid in known)


if __name__ == "__main__":
    main()
