"""Run what Spark's workers run, extract and annotate over WARCs, in one process without a JVM, and time it for bench/extraction/speed.py.

    python bench/extraction/ours.py pipeline WARC… --recipe conf/fineweb.toml --out FOLDER
    python bench/extraction/ours.py gristmill WARC…          reading alone
    python bench/extraction/ours.py fastwarc WARC…           reading alone, by the library under it

Prints one JSON object. The pipeline leaves FOLDER/documents.parquet and FOLDER/signals.parquet, written within the time that is
measured. Run it in the project's folder: a recipe's models are looked for there.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as parquet

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.process_usage import look_at_all
from jobs.annotate import STAGE as ANNOTATE
from jobs.annotate.stage import sets_of
from jobs.annotate.stage import worker_settings as annotate_settings
from jobs.engine.job import Context
from jobs.engine.models import resolve_models
from jobs.extract import STAGE as EXTRACT
from jobs.extract.stage import worker_settings as extract_settings
from jobs.recipe.load import load_recipe, stages_of
from udfs.documents.worker import DOCUMENT_FIELDS, FileRange, extract_files
from udfs.reading import location
from udfs.signals.annotator import annotate as annotator
from udfs.signals.sets import schema_of
from udfs.warc.records import Record, read_records

WARM_BYTES = 200_000  # of the first WARC: some ten pages, so that no import is timed, neither here nor in the child
WARM_TEXT = "This is a text of some length that loads the models. " * 20
PACKAGES = ("trafilatura", "resiliparse", "fastwarc", "lxml", "fasttext-community")


@dataclass(frozen=True)
class Clock:
    """Seconds at one moment: on the wall, of this process's CPU, and of its children's, those that have ended and those alive."""

    wall: float
    own: float
    children: float

    def since(self, before: "Clock") -> dict[str, float]:
        """Return what has passed since an earlier moment."""
        own, children = self.own - before.own, self.children - before.children
        return {"cpu_seconds": own + children, "child_cpu_seconds": children, "wall_seconds": self.wall - before.wall}


def now() -> Clock:
    """Read the clocks; a child that is alive is looked up in /proc, in ticks of 10 ms."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = sum(look.cpu_seconds for look in look_at_all().values() if look.parent == os.getpid())
    children = ended.ru_utime + ended.ru_stime + alive
    return Clock(time.perf_counter(), own.ru_utime + own.ru_stime, children)


def main() -> None:
    """Measure what the command line names and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("pipeline", "gristmill", "fastwarc"))
    parser.add_argument("warcs", nargs="+", type=Path)
    parser.add_argument("--recipe", type=Path, default=Path("conf/fineweb.toml"))
    parser.add_argument("--out", type=Path, help="the pipeline's tables go there")
    parser.add_argument("--cores", default="", help="comma-separated numbers of the cores to stay on; empty: any")
    arguments = parser.parse_args()
    if arguments.cores:
        os.sched_setaffinity(0, {int(core) for core in arguments.cores.split(",")})
    if arguments.what == "pipeline":
        if arguments.out is None:
            parser.error("--out is missing: what is kept is decided on the tables afterwards. Name a folder for them")
        arguments.out.mkdir(parents=True, exist_ok=True)
        found = run_pipeline(arguments.warcs, recipe=arguments.recipe, out=arguments.out)
    else:
        found = measure_reading(arguments.warcs, reader=arguments.what)
    print(json.dumps(found | {"versions": {name: importlib.metadata.version(name) for name in PACKAGES}}))


def context_of(path: Path) -> Context:
    """Load a recipe and its models into what the jobs' settings are made from; those read neither root nor progress."""
    recipe = load_recipe(path)
    stages = stages_of(recipe)
    nothing = cast(Any, None)
    return Context(recipe=recipe, root=nothing, progress=nothing, stages=stages, models=resolve_models(recipe, stages))


def run_pipeline(warcs: Sequence[Path], *, recipe: Path, out: Path) -> dict[str, Any]:
    """Extract all WARCs, then annotate what was extracted; return what each took and what came out."""
    context = context_of(recipe)
    ranges = (FileRange(str(warcs[0]), 0, end=WARM_BYTES), *(FileRange(str(warc), 1) for warc in warcs))
    extract, annotate = context.job(EXTRACT), context.job(ANNOTATE)
    chosen = extract_settings(extract.settings, language_model=extract.models.get("language"))
    worker = extract_files(ranges, settings=chosen, dump=context.recipe.run.dump)
    sets = sets_of(annotate.settings)
    measure = annotator(annotate_settings(annotate, sets=sets))
    for _ in measure([pa.RecordBatch.from_pydict({"id": ["warm"], "text": [WARM_TEXT]})]):
        pass
    started: list[Clock] = []

    def indices() -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pydict({"id": [0]})
        started.append(now())  # the warm range has been read to its end
        yield pa.RecordBatch.from_pydict({"id": list(range(1, len(ranges)))})

    rows = (batch for batch in worker(indices()) if started)
    documents, files = write_documents(rows, out / "documents.parquet")
    extracted = now()
    texts = documents.filter(compute.equal(documents["outcome"], "extracted")).select(["id", "text"])
    signals = pa.Table.from_batches(measure(texts.to_batches()), schema=schema_of(sets))
    parquet.write_table(signals, out / "signals.parquet", compression="zstd")
    ended = now()
    return {
        **ended.since(started[0]),
        "steps": {"extract": extracted.since(started[0]), "annotate": ended.since(extracted)},
        **describe(documents, files, signals),
    }


def write_documents(batches: Iterator[pa.RecordBatch], path: Path) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Write the documents as they come, as Spark does, and return them with the rows of the files."""
    documents: list[pa.RecordBatch] = []
    files: list[dict[str, Any]] = []
    with parquet.ParquetWriter(path, DOCUMENT_FIELDS, compression="zstd") as writer:
        for batch in batches:
            held = batch.column("document").drop_null()
            documents.append(pa.RecordBatch.from_arrays(held.flatten(), schema=DOCUMENT_FIELDS))
            writer.write_batch(documents[-1])
            files += [row for row in batch.column("file").drop_null().to_pylist() if row["chunk"] == 1]
    return pa.Table.from_batches(documents, schema=DOCUMENT_FIELDS), files


def describe(documents: pa.Table, files: list[dict[str, Any]], signals: pa.Table) -> dict[str, Any]:
    """Count what was read and what came out, with a digest of all texts' hashes that equal runs have in common."""
    failed = [row for row in files if row["outcome"] != "read"]
    if failed:
        raise SystemExit(
            f"{failed[0]['file_path']} was not read to its end ({failed[0]['error']}): nothing was measured. Mend the file"
        )
    reasons = Counter(reason or "extracted" for reason in documents["reason"].to_pylist())
    hashes = sorted(zip(signals["id"].to_pylist(), signals["text_hash"].to_pylist(), strict=True))
    return {
        "pages": sum(dict(row["records"]).get("response", 0) for row in files),
        "html_bytes": compute.sum(documents["html_bytes"]).as_py() or 0,
        "reasons": dict(reasons.most_common()),
        "restarts": sum(row["child_restarts"] for row in files),
        "digest": hashlib.sha256(repr(hashes).encode()).hexdigest()[:16],
    }


def measure_reading(warcs: Sequence[Path], *, reader: str) -> dict[str, Any]:
    """Read the records: the pipeline's reader copies the bodies of pages, FastWARC here reads every record's body."""
    began, records, payload = now(), 0, 0
    for warc in warcs:
        for size in _bodies(warc) if reader == "gristmill" else _plain_bodies(warc):
            records += 1
            payload += size
    return {**now().since(began), "records": records, "payload_bytes": payload}


def _bodies(warc: Path) -> Iterator[int]:
    name = str(warc)
    for span in read_records(partial(location.open_location, name), size=location.size(name)):
        if isinstance(span, Record):
            yield len(span.body or b"")


def _plain_bodies(warc: Path) -> Iterator[int]:
    from fastwarc.warc import ArchiveIterator

    for record in ArchiveIterator(str(warc), parse_http=False):
        yield len(record.reader.read())


if __name__ == "__main__":
    main()
