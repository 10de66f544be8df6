"""Counts what the driver asks of the store for a whole crawl: 900 chunks, 90,000 files, fresh, finished before, and with a bad file.

    python -m bench.crawl.driver_requests --chunks 900 --files 100 --latency-ms 50

The stages are gristmill's own, with their tables, needs and fingerprints; only what Spark does in them is left out. The store is a
folder on this disk behind a count and a delay, so the seconds are the driver's own for a store that answers so slowly.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from jobs import annotate, dedup, extract, publish
from jobs import filter as filter_stage
from jobs.engine import documents
from jobs.engine.chunks import run_chunks
from jobs.engine.job import Context, Job
from jobs.engine.lease import leased
from jobs.engine.ledger import Ledger, Tally
from jobs.engine.local_store import LocalStore
from jobs.engine.markers import Markers
from jobs.engine.plan import Plan, by_count, grow
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.engine.session import local_session
from jobs.engine.stage import Source, Stage
from jobs.publish.stage import _written
from jobs.recipe.load import load_recipe
from tests.engine.counting_store import MODEL, CountingStore

PAGES = 27_800
RECIPE = Path(__file__).parents[2] / "conf" / "fineweb.toml"


def main() -> None:
    """Run the crawl's bookkeeping three times and print what it asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=900)
    parser.add_argument("--files", type=int, default=100, help="of a chunk")
    parser.add_argument("--latency-ms", type=float, default=0.0)
    given = parser.parse_args()
    spark = local_session(master="local[2]")
    try:
        with tempfile.TemporaryDirectory() as folder:
            print(f"{given.chunks:,} chunks, {given.chunks * given.files:,} files, {given.latency_ms:.0f} ms a request")
            for name, bad in (
                ("fresh", 0),
                ("finished before", 0),
                ("one more file, which cannot be read", 1),
                ("that again", 1),
            ):
                counts, seconds = crawl(
                    spark, Path(folder), chunks=given.chunks, files=given.files, bad=bad, latency_s=given.latency_ms / 1000
                )
                show(name, counts, seconds, chunks=given.chunks)
    finally:
        spark.stop()


def show(name: str, counts: Counter[tuple[str, str]], seconds: float, *, chunks: int) -> None:
    """Print a row for each table."""
    print(f"\n{name}: {counts.total():,} requests, {counts.total() / chunks:.2f} a chunk, {seconds:.1f} s of the driver")
    for table in sorted({table for table, _ in counts}):
        kinds = ", ".join(f"{n:,} {kind}" for (one, kind), n in sorted(counts.items()) if one == table)
        print(f"  {table:<20} {kinds}")


def crawl(
    spark: Any, folder: Path, *, chunks: int, files: int, bad: int = 0, latency_s: float = 0.0
) -> tuple[Counter[tuple[str, str]], float]:
    """Run a crawl's bookkeeping in a folder; return what was asked of the store, by table and kind, and the seconds it took."""
    store = CountingStore(LocalStore(str(folder)), latency_s=latency_s)
    root = Root(spark, str(folder))
    root.store, root.markers = store, Markers(store)
    recipe = load_recipe(RECIPE)
    stages = bare_stages(chunks=chunks, files=files, bad=bad)
    models = {"extract": {"language": MODEL}, "annotate": {"language": MODEL}}
    began = time.monotonic()
    with leased(store, root=str(folder)) as lease, _no_files_are_there():
        context = Context(recipe=recipe, root=root, progress=Progress(quiet=True), stages=stages, models=models, lease=lease)
        run_stages(context)
        documents.still_failed(root)
    return store.kinds, time.monotonic() - began


def bare_stages(*, chunks: int, files: int, bad: int) -> tuple[Stage[Any], ...]:
    """Return the stages of a crawl without what Spark does in them."""
    names = [f"s3://commoncrawl/crawl-data/{number:06d}.warc.gz" for number in range(chunks * files)]
    names += [f"s3://commoncrawl/crawl-data/bad-{number}.warc.gz" for number in range(bad)]

    def plan(context: Context, again: bool) -> Plan:
        stored = documents.planned(context.root)
        return grow(
            context.root,
            wanted=names,
            stored=stored,
            named=names,
            again=again,
            groups=by_count(files),
            split=lambda whole: (whole,),
        )

    bare: dict[str, Any] = {"check": None, "facts": None, "after": None, "before_next": None, "lines": None}
    return (
        replace(extract.STAGE, **bare | {"source": Source(plan=plan, captures="0"), "run": _read}),
        replace(annotate.STAGE, **bare | {"run": _measure, "facts": annotate.STAGE.facts}),
        replace(filter_stage.STAGE, **bare | {"run": _decide}),
        replace(dedup.STAGE, **bare | {"run": _decide}),
        replace(publish.STAGE, **bare | {"run": _publish}),
    )


def _ledger(job: Job[Any]) -> Ledger:
    pages = Tally(len(documents.chunks(job.root)) * PAGES, 0)
    return Ledger(came=pages, kept=pages)


def _read(job: Job[Any]) -> Ledger:
    plan = documents.planned(job.root)

    def work(chunk: str) -> dict[str, Any]:
        paths = [row["file_path"] for row in plan[chunk]["files"]]
        failed = [path for path in paths if "bad-" in path]
        return {
            "files": len(paths),
            "good_files": len(paths) - len(failed),
            "failed_files": failed,
            "pages": PAGES,
            "kept": PAGES // 4,
        }

    run_chunks(job.context, folder=documents.DOCUMENTS.path, fingerprints=dict.fromkeys(plan, job.how()), work=work, at_once=2)
    return _ledger(job)


def _measure(job: Job[Any]) -> Ledger:
    sets = annotate.stage.wanted(job)
    facts = {"sets": {name: {"fingerprint": value, "pass": "0"} for name, value in sets.items()}}
    _chunks(job, "signals", lambda chunk: facts, done=lambda chunk, marker: marker["sets"] == facts["sets"])
    return _ledger(job)


def _decide(job: Job[Any]) -> Ledger:
    return _ledger(job)


def _publish(job: Job[Any]) -> Ledger:
    _written(job.root)
    _chunks(job, "corpus", lambda chunk: {"files": 1})
    return _ledger(job)


def _chunks(job: Job[Any], folder: str, work: Callable[[str], dict[str, Any]], **options: Any) -> None:
    run_chunks(
        job.context, folder=folder, fingerprints=dict.fromkeys(job.chunks(), "as before"), work=work, at_once=2, **options
    )


@contextmanager
def _no_files_are_there() -> Iterator[None]:
    """Leave out the three looks at the input that ask another store than the root's."""
    with mock.patch("jobs.engine.plan.check_access", lambda locations: None):
        yield


if __name__ == "__main__":
    main()
