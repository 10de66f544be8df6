"""Run the whole job over a folder of hostile material and write what became of every file and page into bench/results/hostile.md.

    python -m bench.robustness.hostile HOSTILE OUT

HOSTILE holds a manifest.tsv (path, kind, origin, what, expected) and what it lists; OUT is made, and may be deleted afterwards.
"""

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path

from tests.whole_runs.hostile_input import bodies, read_manifest
from tests.whole_runs.hostile_job import TIMEOUT_S, Job, run_job
from tests.whole_runs.hostile_tables import PAGE, counts, filled, manifest_digest, part
from udfs.page.extractor import PageRequest
from udfs.page.sandbox import Sandbox

SLOW_S = 0.5


def main() -> int:
    """Run the job, then each page of pages/ alone for its seconds, and rewrite the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hostile", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    hostile, out = given.hostile.absolute(), given.out.absolute()
    out.mkdir(parents=True)
    job = run_job(hostile, out)
    print(job.log)
    if job.exit_code not in (0, 3):
        print(f"the job ended with {job.exit_code}: {PAGE} is left as it was", file=sys.stderr)
        return 1
    page = filled(PAGE.read_text("utf-8"), job)
    page = part(page, "run", [f"- {line}" for line in measured(job)])
    page = part(page, "slow", [", ".join(f"{name} {seconds}" for name, seconds in slow_pages(hostile, job))])
    PAGE.write_text(page, "utf-8")
    return 0


def measured(job: Job) -> list[str]:
    """Say what the run cost: seconds and memory, which differ from machine to machine."""
    files = job.files.values()
    kinds = counts(Counter(case.kind for case in job.given.cases))
    lines = [
        f"the list, manifest.tsv, sha256 {manifest_digest(job.hostile)}, has {len(job.given.cases)} rows: {kinds}",
        f"{job.seconds:.0f} s for the whole process, {sum(row['seconds'] for row in files):.0f} s in extraction's tasks, "
        f"on {os.cpu_count()} cores with a load average of {os.getloadavg()[2]:.1f} over 15 minutes",
    ]
    for row in files:
        hangs = sum(document["reason"] == "timeout" for document in job.of(row["file_path"]))
        if hangs:
            lines.append(
                f"{Path(row['file_path']).name}: {hangs} hangs at {TIMEOUT_S} s each, {row['seconds']:.1f} s for the file, so "
                f"{row['seconds'] - hangs * TIMEOUT_S:.1f} s for its other {len(job.of(row['file_path'])) - hangs} pages and "
                f"{row['child_restarts'] + 1} starts of the page child"
            )
    top = max(files, key=lambda row: int(row["child_peak_mb"]))
    lines.append(f"the largest page child held {top['child_peak_mb']} MB, at {Path(top['file_path']).name}")
    lines.append(f"the largest extraction worker held {max(row['worker_peak_mb'] for row in files)} MB")
    seen = ", ".join(f"{kind} {megabytes} MB" for kind, megabytes in sorted(job.peaks.items()))
    lines.append(f"high-water marks that the kernel kept of all processes, annotation's workers included: {seen}")
    return lines


def slow_pages(hostile: Path, job: Job) -> list[tuple[str, str]]:
    """Extract each hostile page alone, with the job's limits, and give the seconds of those above SLOW_S."""
    found = []
    with Sandbox(job.settings) as sandbox:
        sandbox.extract(PageRequest(body=b"<p>warm</p>", mime="text/html", charset=None))
        for case in read_manifest(hostile):
            if case.path.startswith("pages/"):
                ((_, body),) = bodies(hostile, case)
                began = time.monotonic()
                result = sandbox.extract(PageRequest(body=body, mime="text/html", charset=None))
                seconds = time.monotonic() - began
                if seconds > SLOW_S:
                    found.append((Path(case.path).name, "stopped" if result.reason == "timeout" else f"{seconds:.1f} s"))
    return found


if __name__ == "__main__":
    sys.exit(main())
