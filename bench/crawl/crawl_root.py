"""Measure what looks at a finished crawl's root: seconds, CPU and peak memory of each command, over a root made by hand.

    python -m bench.crawl.crawl_root OUT --chunks 900 --files 100 --rows 1000

The root has a crawl's chunks, files and markers, and tables with so many tiny rows a chunk. Each command runs in a process of its own,
as a user would run it. `finished` is a run that finds all of it finished: the plan is made again and every stage is asked for.
"""

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.process_usage import machine, watch
from jobs.engine import documents
from jobs.engine.plan import by_count, grow, write_plan
from jobs.engine.root import Root
from jobs.engine.runner import finished
from jobs.recipe.recipe import Recipe
from tests.engine.counting_store import made_up, paths
from tests.runs import changed, tiny
from udfs.documents.schema import DOCUMENT_FIELDS, FILE_FIELDS
from udfs.signals.sets import BY_NAME, schema_of

TEXT = "A short page about the ferry that leaves the harbour at nine. It takes an hour and carries no cars. "
DUPLICATE, SHORT = 10, 4  # one in so many rows


def main() -> None:
    """Make the root, run each command over it, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--chunks", type=int, default=900)
    parser.add_argument("--files", type=int, default=100, help="of a chunk")
    parser.add_argument("--rows", type=int, default=1_000, help="of a chunk")
    parser.add_argument("--steps", nargs="+", default=["finished", "ledger", "explain", "sample", "report", "audit"])
    parser.add_argument("--step-finished", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    root = given.out.absolute() / "root"
    if given.step_finished:
        find_finished(root, chunks=given.chunks, files=given.files)
        return
    if not (root / "corpus/_stage.json").exists():
        write_root(root, chunks=given.chunks, files=given.files, rows=given.rows)
    gristmill = [sys.executable, "-m", "jobs.main"]
    sizes = ["--chunks", str(given.chunks), "--files", str(given.files)]
    commands: dict[str, list[Any]] = {
        "finished": [sys.executable, "-m", "bench.crawl.crawl_root", given.out, "--step-finished", *sizes],
        "ledger": [*gristmill, "ledger", root],
        "explain": [*gristmill, "explain", root, row_id(given.chunks // 2, 7)],
        "sample": [*gristmill, "sample", root, "--reason", "near_duplicate", "-n", "20"],
        "report": [*gristmill, "report", root],
        "audit": [*gristmill, "audit", root, "-n", "1000"],
    }
    print(machine())
    print(f"{given.chunks:,} chunks, {given.chunks * given.files:,} files, {given.chunks * given.rows:,} rows\n")
    print("| command | s | CPU s | peak MB, Java | peak MB, Python |\n|---|---|---|---|---|")
    found = {}
    for step in given.steps:
        used = watch(commands[step], log=given.out / f"{step}.log")
        found[step] = used.plain()
        print(
            f"| {step} | {used.wall_seconds:.1f} | {used.cpu_seconds:.1f} | {used.java_peak_mb:,} | {used.python_peak_mb:,} |",
            flush=True,
        )
    (given.out / "crawl_root.json").write_text(json.dumps(found, indent=1) + "\n")


def recipe_of_bench(chunks: int, files: int) -> Recipe:
    """Return the recipe of the made-up run."""
    return changed(tiny([]), run={"input": paths(chunks, files), "chunk_files": files})


def find_finished(root: Path, *, chunks: int, files: int) -> None:
    """Do what a run does that finds everything finished, but for what it asks of the input's own store."""
    shutil.rmtree(root.parent / "again", ignore_errors=True)
    context = made_up(Root(None, str(root.parent / "again")), recipe_of_bench(chunks, files), chunks=chunks, files=files)
    every = paths(chunks, files)
    known = documents.planned(context.root)
    plan = grow(
        context.root, wanted=every, stored=known, named=every, again=False, groups=by_count(files), split=lambda one: (one,)
    )
    write_plan(context.root, plan)
    assert [stage.name for stage in context.stages if finished(context, stage) is None] == []
    assert documents.still_failed(context.root) == []


def write_root(root: Path, *, chunks: int, files: int, rows: int) -> None:
    """Write markers and tables of a finished run."""
    shutil.rmtree(root, ignore_errors=True)
    made_up(Root(None, str(root)), recipe_of_bench(chunks, files), chunks=chunks, files=files)
    every = paths(chunks, files)
    for chunk in range(chunks):
        _write_chunk(root, chunk, every[chunk * files : (chunk + 1) * files], rows=rows)


def row_id(chunk: int, row: int) -> str:
    """Return the id of a document."""
    digest = hashlib.md5(f"{chunk}/{row}".encode(), usedforsecurity=False).hexdigest()
    return f"<urn:uuid:{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}>"


def _write_chunk(root: Path, chunk: int, own: list[str], *, rows: int) -> None:
    name = f"chunk={chunk:05d}"
    ids = [row_id(chunk, row) for row in range(rows)]
    kept = [row % SHORT != 0 for row in range(rows)]
    texts = [
        f"{TEXT * 3}Page {chunk}/{row - row % DUPLICATE}. {'And more.' if row % DUPLICATE == 1 else ''}" for row in range(rows)
    ]
    found: list[dict[str, Any]] = [
        {
            "id": ids[row],
            "url": f"https://www.host{row}.example/{chunk}",
            "domain": f"host{row}.example",
            "host": f"www.host{row}.example",
            "date": "2026-01-01T00:00:00Z",
            "dump": "TINY",
            "file_path": own[row % len(own)],
            "offset": row,
            "text": texts[row],
            "outcome": "extracted",
        }
        for row in range(rows)
    ]
    file = pa.field("file", pa.struct(list(FILE_FIELDS)))
    schema = pa.schema([*DOCUMENT_FIELDS, file])
    _write(root / f"documents/{name}/kind=document", pa.Table.from_pylist(found, schema=schema))
    read = [{"file": {"file_path": path, "start": 0, "records": [], "spans_skipped": [], "outcome": "read"}} for path in own]
    _write(root / f"documents/{name}/kind=file", pa.Table.from_pylist(read, schema=schema))
    signals = [{"id": ids[row], "language": "en", "token_count": 70, "word_count": 60 + row % 40} for row in range(rows)]
    _write(root / f"signals/first/{name}", pa.Table.from_pylist(signals, schema=schema_of(set(BY_NAME))))
    decided = [
        {"id": ids[row], "outcome": "kept" if kept[row] else "dropped", "reason": None if kept[row] else "few_words"}
        | {"broken": [] if kept[row] else ["few_words"], "unmeasured": [], "outside": []}
        for row in range(rows)
    ]
    strings = pa.list_(pa.string())
    fields = [("id", pa.string()), ("outcome", pa.string()), ("reason", pa.string())]
    more = [(column, strings) for column in ("broken", "unmeasured", "outside")]
    _write(root / f"decisions/filter/{name}", pa.Table.from_pylist(decided, schema=pa.schema([*fields, *more])))
    _write(root / f"decisions/dedup/{name}", _dedup(ids, kept))


def _dedup(ids: list[str], kept: list[bool]) -> pa.Table:
    from jobs.dedup.tables import DECISIONS

    rows = []
    for row in range(len(ids)):
        if kept[row]:
            witness = ids[row - 1] if row % DUPLICATE == 2 and kept[row - 1] else None
            decided = {"outcome": "dropped" if witness else "kept", "reason": "near_duplicate" if witness else None}
            size = 2 if witness else 1
            rows.append(
                {"id": ids[row], **decided, "duplicate_of": witness, "similarity": 0.9 if witness else None}
                | {"group_id": witness or ids[row], "group_size": size}
            )
    return pa.Table.from_pylist(rows, schema=DECISIONS.schema)


def _write(folder: Path, table: pa.Table) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "part-0.parquet")


if __name__ == "__main__":
    main()
