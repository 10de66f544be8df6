"""Measure how dedup grows: documents a second, memory and bytes shuffled at several sizes, with and without planted giants."""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bench.dedup.corpus import Corpus, fresh, page_id, write_corpus
from bench.dedup.events import costs, environment
from bench.dedup.sketch import Sketching, forcing, sketching_of
from bench.process_usage import machine, watch
from jobs.recipe.minhash import MinHash

CHUNK = 25_000  # documents
TRIES = 2_000_000  # phrases searched for the planted bucket: one page in some two hundred escapes it
COMMON = 0.3  # of a text's words, which all pages of the template share
STEPS = ("signatures", "join")


def measure_scale(
    out: Path, *, sizes: Sequence[int], bucket: int, group: int, cores: int, memory: str, partitions: int
) -> dict[str, Any]:
    """Make each corpus, plain and, where they take no more than half of it, with the planted bucket and group; run and measure."""
    found: dict[str, Any] = {
        "machine": machine(),
        "settings": {"cores": cores, "memory": memory, "partitions": partitions, "minhash": MinHash().model_dump()},
        "runs": [],
    }
    for size in sorted(sizes):
        plain = Corpus(documents=size)
        found["runs"].append(run(out, plain, cores=cores, memory=memory, partitions=partitions))
        if 2 * (bucket + group) <= size:
            header = template(sketching_of(MinHash()), words=plain.words)
            planted = Corpus(documents=size, bucket=bucket, group=group, header=header)
            found["runs"].append(run(out, planted, cores=cores, memory=memory, partitions=partitions))
    return found


def template(sketching: Sketching, *, words: int) -> tuple[int, ...]:
    """Return what the pages of the planted bucket have in common: the phrases that force them into it, and some more words."""
    more = fresh(int(COMMON * words), np.random.default_rng(sketching.seed)).tolist()
    return (*forcing(sketching, tries=TRIES), *more)


def run(out: Path, corpus: Corpus, *, cores: int, memory: str, partitions: int) -> dict[str, Any]:
    """Measure one corpus in a process of its own, and delete it."""
    name = f"scale-{corpus.documents}{'-planted' if corpus.bucket else ''}"
    root, events, result = out / name, out / f"{name}-events", out / f"{name}.json"
    for folder in (root, events):
        shutil.rmtree(folder, ignore_errors=True)
    size = write_corpus(root, corpus, chunk_documents=CHUNK, cores=cores)
    command: list[str | Path] = [sys.executable, "-m", "bench.dedup.ours", root, result, "--cores", str(cores)]
    command += ["--memory", memory, "--partitions", str(partitions)]
    usage = watch(command, log=out / f"{name}.log", environment=environment(events))
    tables = {table: asdict(cost) for table, cost in costs(events, root).items()}
    found = {"documents": corpus.documents, "megabytes": size / 1e6, "bucket": corpus.bucket, "group": corpus.group}
    found |= json.loads(result.read_text()) | usage.plain() | {"tables": tables}
    if corpus.bucket:
        found["largest_bucket"] = largest_bucket(root, corpus, rows=MinHash().rows)
    for folder in (root, events):
        shutil.rmtree(folder)
    return found


def largest_bucket(root: Path, corpus: Corpus, *, rows: int) -> int:
    """Count the planted pages whose signatures really share the first band."""
    planted = {page_id(corpus, number) for number in range(corpus.documents) if corpus.place(number) == "bucket"}
    bands: Counter[bytes] = Counter()
    for file in (root / "signals").glob("*/chunk=*/*.parquet"):
        table = pq.ParquetFile(file).read(columns=["id", "minhash"])
        for id_, minhash in zip(table["id"].to_pylist(), table["minhash"].to_pylist(), strict=True):
            if id_ in planted:
                bands[minhash[: 4 * rows]] += 1
    return bands.most_common(1)[0][1]


def scale_tables(found: dict[str, Any]) -> list[str]:
    """Return throughput and memory, what was planted, and bytes shuffled by table as Markdown."""
    runs = found["runs"]
    lines = [
        f"{found['machine']}. {found['settings']}.",
        "",
        "| documents | MB | planted | signatures, documents/s | join, documents/s | join, s | JVM peak MB | Python peak MB "
        "| shuffled by the join, B a document | spilled, B a document | kept | dropped |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in runs:
        documents = one["documents"]
        rates = [f"{documents / one['seconds'][step]:,.0f}" for step in STEPS]
        joined = [cost for table, cost in one["tables"].items() if table != "signals"]
        moved = [f"{sum(cost[key] for cost in joined) / documents:,.0f}" for key in ("shuffled", "spilled")]
        planted = f"bucket of {one['largest_bucket']:,}, group of {one['group']:,}" if one["bucket"] else "–"
        kept = one["decisions"]["kept"]
        lines.append(
            f"| {documents:,} | {one['megabytes']:,.0f} | {planted} | {rates[0]} | {rates[1]} | {one['seconds']['join']:.0f} "
            f"| {one['java_peak_mb']:,} | {one['python_peak_mb']:,} | {moved[0]} | {moved[1]} | {kept:,} | {documents - kept:,} |"
        )
    lines += ["", *ratio_lines(runs), ""]
    for one in runs:
        lines += table_lines(one)
    return lines


def ratio_lines(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Say what share of the smallest plain run's documents/s every later run has, by step."""
    first = runs[0]
    lines = []
    for one in runs[1:]:
        shares = [
            f"{step} {one['documents'] / one['seconds'][step] / (first['documents'] / first['seconds'][step]):.0%}"
            for step in STEPS
        ]
        what = "with the planted giants" if one["bucket"] else "plain"
        lines.append(f"{one['documents']:,} documents, {what}, against {first['documents']:,}: {', '.join(shares)}.")
    return lines


def table_lines(one: dict[str, Any]) -> list[str]:
    """Return the cost of each table of one run."""
    title = f"{one['documents']:,} documents{', planted' if one['bucket'] else ''}"
    lines = [f"| {title}: table | s | shuffled, B a document | spilled, B a document | written, B a document |"]
    lines.append("|---|---|---|---|---|")
    for table, cost in one["tables"].items():
        each = " | ".join(f"{cost[key] / one['documents']:,.1f}" for key in ("shuffled", "spilled", "written"))
        lines.append(f"| {table.removeprefix('dedup/bench/')} | {cost['seconds']:.1f} | {each} |")
    return [*lines, ""]
