r"""Time gristmill's way from WARC to decision against datatrove's FineWeb pipeline, in turns on the same files and one core.

    sed '/^\[extract.gate\]/,/^$/d' conf/fineweb.toml > ungated.toml
    python -m bench.extraction.speed WARC WARC --reference-python reference/bin/python --recipe ungated.toml --recipe conf/fineweb.toml

The first recipe is what the others are held against: with an ungated one first, the last column is what the gate loses.
bench/extraction/reference.py says how to make the reference Python, and which of datatrove's steps run; bench/extraction/ours.py is
what is timed of gristmill. Both start when their imports, models and child processes are warm. CPU seconds (children included)
are the figure to trust on a shared machine; the clock on the wall is printed beside them. Prints Markdown; --json keeps all runs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.extraction.speed_report import REFERENCE, Crawl, Found, report_pipeline, report_reading, report_scaling

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.session import local_session
from jobs.filter import STAGE as FILTER
from jobs.filter.stage import decide as decisions
from jobs.recipe.load import load_recipe
from udfs.signals.sets import SIGNAL_SCHEMA

PROJECT = Path(__file__).resolve().parents[2]

PARTS = ("pipeline", "scaling", "reading")
READERS = ("warcio", "gristmill", "fastwarc")


def main() -> None:
    """Measure the parts asked for and print them."""
    arguments = command_line()
    with tempfile.TemporaryDirectory() as folder:
        found: Found = {"machine": machine(), "warcs": [warc.name for warc in arguments.warcs], "runs": arguments.runs}
        lines = [
            f"Machine: {found['machine']}. Input: {', '.join(found['warcs'])}. Runs: {arguments.runs}, of which the medians.",
            "",
        ]
        if "pipeline" in arguments.part:
            found["pipeline"] = measure_pipeline(arguments, Path(folder))
            lines += report_pipeline(found["pipeline"], crawl=arguments.crawl)
        if "scaling" in arguments.part:
            found["scaling"] = measure_scaling(arguments, Path(folder))
            lines += report_scaling(found["scaling"])
        if "reading" in arguments.part:
            found["reading"] = measure_reading(arguments)
            lines += report_reading(found["reading"])
    print("\n".join(lines))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


def command_line() -> argparse.Namespace:
    """Read and check the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("warcs", nargs="+", type=Path, help="two of the same size, if scaling is to be measured")
    parser.add_argument("--reference-python", type=Path, required=True, help="a Python with datatrove")
    parser.add_argument(
        "--recipe", type=Path, action="append", help="repeat it: all are held against the first (conf/fineweb.toml)"
    )
    parser.add_argument("--language-model", type=Path, default=PROJECT / "models" / "lid.176.ftz", help="datatrove's too")
    parser.add_argument(
        "--timeout", type=float, help="seconds a page may take in datatrove; default: as in its example, its own"
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="default: all")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="all runs go there")
    parser.add_argument("--crawl-warcs", type=int, default=90_000)
    parser.add_argument("--captures-per-warc", type=int, default=27_800, help="2.5 billion captures in 90,000 WARCs")
    parser.add_argument("--warc-bytes", type=int, default=940_000_000, help="of a gzipped WARC of 2026")
    arguments = parser.parse_args()
    arguments.warcs = [warc.resolve() for warc in arguments.warcs]
    arguments.reference_python = arguments.reference_python.absolute()  # not resolved: a venv's python is a link
    arguments.language_model = arguments.language_model.resolve()
    arguments.recipe = [recipe.resolve() for recipe in arguments.recipe or [PROJECT / "conf" / "fineweb.toml"]]
    arguments.part = arguments.part or PARTS
    arguments.crawl = Crawl(arguments.crawl_warcs, arguments.captures_per_warc, arguments.warc_bytes)
    if len({REFERENCE, *(recipe.stem for recipe in arguments.recipe)}) <= len(arguments.recipe):
        parser.error(
            f"two recipes have one file name, or one is named {REFERENCE}: the tables tell them apart by it. Rename one"
        )
    if not arguments.reference_python.is_file():
        parser.error(
            f"no Python at {arguments.reference_python}, and nothing else to hold ours against: make it as bench/extraction/reference.py says"
        )
    if arguments.runs < 1:
        parser.error(f"--runs {arguments.runs}: nothing would be measured. Give 1 or more")
    if "scaling" in arguments.part and (len(arguments.warcs) != 2 or len(os.sched_getaffinity(0)) < 2):
        parser.error("scaling takes two cores and two WARCs, one a process: give two, or name the other parts with --part")
    return arguments


def machine() -> str:
    """Name the processor, its cores, and how busy they are."""
    lines = Path("/proc/cpuinfo").read_text().split("\n")
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    return f"{model}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the start"


def run(*commands: Sequence[str | Path]) -> list[Found]:
    """Run commands side by side and return the JSON each prints; raise SystemExit with the words of one that fails."""
    processes = [
        subprocess.Popen(
            [str(part) for part in command], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for command in commands
    ]
    answers = [process.communicate() for process in processes]
    for process, (_, words) in zip(processes, answers, strict=True):
        if process.returncode:
            raise SystemExit(
                f"{process.args!r} ended with {process.returncode}, so nothing is reported. It said:\n{words[-3000:]}"
            )
    return [json.loads(out) for out, _ in answers]


def ours(
    what: str, warcs: Sequence[Path], *, core: int, recipe: Path | None = None, out: Path | None = None
) -> list[str | Path]:
    """Return the command that runs a part of gristmill on one core."""
    command: list[str | Path] = [
        sys.executable,
        PROJECT / "bench" / "extraction" / "ours.py",
        what,
        *warcs,
        "--cores",
        str(core),
    ]
    return command + (["--recipe", recipe, "--out", out] if recipe and out else [])


def theirs(what: str, arguments: argparse.Namespace, *, core: int) -> list[str | Path]:
    """Return the command that runs a part of the reference on one core."""
    script = PROJECT / "bench" / "extraction" / "reference.py"
    command = [arguments.reference_python, script, what, *arguments.warcs, "--cores", str(core)]
    command += ["--language-model", arguments.language_model]
    return command + (["--timeout", str(arguments.timeout)] if arguments.timeout is not None else [])


def measure_pipeline(arguments: argparse.Namespace, folder: Path) -> Found:
    """Run both sides in turns, every other round backwards so that a drift of the machine cancels; then decide."""
    core = min(os.sched_getaffinity(0))
    commands = {REFERENCE: theirs("pipeline", arguments, core=core)} | {
        recipe.stem: ours("pipeline", arguments.warcs, core=core, recipe=recipe, out=folder / recipe.stem)
        for recipe in arguments.recipe
    }
    runs: dict[str, list[Found]] = {name: [] for name in commands}
    for nth in range(arguments.runs):
        for name in list(commands)[:: -1 if nth % 2 else 1]:
            runs[name] += run(commands[name])
    kept = {REFERENCE: sorted(runs[REFERENCE][-1]["kept"])}
    decided = decide(arguments.recipe, folder)
    kept |= {name: found["kept"] for name, found in decided.items()}
    first = runs[arguments.recipe[0].stem][0]
    gzip_bytes = sum(warc.stat().st_size for warc in arguments.warcs)
    return {
        "work": {"pages": first["pages"], "html_bytes": first["html_bytes"], "gzip_bytes": gzip_bytes},
        "runs": runs,
        "kept": kept,
        "decide_seconds": {name: found["seconds"] for name, found in decided.items()},
    }


def decide(recipes: Sequence[Path], folder: Path) -> dict[str, Found]:
    """Have Spark apply each recipe's rules to the signals it left behind, as the filter job does; the second time counts."""
    spark = local_session(master="local[1]", shuffle_partitions=1)
    found: dict[str, Found] = {}
    for recipe in recipes:
        reader = spark.read.schema(from_arrow_schema(SIGNAL_SCHEMA))  # a set that was not measured is null
        signals = reader.parquet(str(folder / recipe.stem / "signals.parquet")).selectExpr("*", "'0' AS chunk")
        rules = load_recipe(recipe).of(FILTER)
        for _ in range(2):
            began = time.perf_counter()
            rows = decisions(signals, rules=rules).where("outcome = 'kept'").select("id").collect()
            found[recipe.stem] = {"kept": sorted(row["id"] for row in rows), "seconds": time.perf_counter() - began}
    spark.stop()
    return found


def measure_scaling(arguments: argparse.Namespace, folder: Path) -> Found:
    """Run one process over both WARCs and, in turns with it, two processes at once over one each, a core to each."""
    cores, recipe = sorted(os.sched_getaffinity(0))[:2], arguments.recipe[0]
    one: list[Found] = []
    two: list[list[Found]] = []
    for _ in range(arguments.runs):
        one += run(ours("pipeline", arguments.warcs, core=cores[0], recipe=recipe, out=folder / "one"))
        places = zip(arguments.warcs, cores, strict=True)
        two.append(
            run(*(ours("pipeline", [warc], core=core, recipe=recipe, out=folder / f"two{core}") for warc, core in places))
        )
    return {"recipe": recipe.stem, "one": one, "two": two}


def measure_reading(arguments: argparse.Namespace) -> Found:
    """Read the records' bodies with each reader in turn."""
    core = min(os.sched_getaffinity(0))
    runs: dict[str, list[Found]] = {name: [] for name in READERS}
    for _ in range(arguments.runs):
        runs["warcio"] += run(theirs("reading", arguments, core=core))
        for name in READERS[1:]:
            runs[name] += run(ours(name, arguments.warcs, core=core))
    return {"runs": runs}


if __name__ == "__main__":
    main()
