"""Hold the semantic stage against brute force over real documents: all decisions, witnesses and cosines, by both rules.

    python -m bench.semantic.exact TEXTS.parquet MODEL.vectors.npz FOLDER --documents 50000

TEXTS has id and text (`python -m bench.peers.debian` makes such a file); documents are those of the least hashes of their ids. A fast
model makes the vectors. Brute force compares every pair of a cluster in whole numbers of 64 bits, one row after another. It shares no
code with the stage beyond the grid and the definition of a cosine: equal vectors, order, witnesses and ends of chains are its own.
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import xxhash

from bench.process_usage import machine
from bench.semantic.large_root import CHUNK, Documents, run_stage, write_root
from udfs.models.model_file import sha256_of
from udfs.vectors.fast_model import loaded
from udfs.vectors.grid import on_grid

SEED = 1  # of [semantic]
Decision = tuple[
    str, str | None, float | None, str | None, float | None
]  # outcome, duplicate_of, its cosine, dropped_by, its cosine


def chosen(texts: Path, count: int) -> tuple[list[str], list[str]]:
    """Return ids and texts of the documents with the least hashes."""
    table = pq.read_table(texts, columns=["id", "text"])
    hashes = np.array([xxhash.xxh3_64_intdigest(one.encode()) for one in table.column("id").to_pylist()], dtype=np.uint64)
    some = table.take(pa.array(np.argsort(hashes, kind="stable")[:count]))
    return some.column("id").to_pylist(), some.column("text").to_pylist()


def embedded(folder: Path, texts: Path, model: str, count: int) -> None:
    """Write a root of the documents, unless it is there; a document without a feature has no vector and is left out."""
    if (folder / "ids.json").exists():
        return
    ids, words = chosen(texts, count)
    began = time.process_time()
    vectors = loaded(model, sha256_of(model)).vectors(words)
    print(f"{len(ids):,} documents embedded, {len(ids) / (time.process_time() - began):,.0f} a CPU second")
    there = [place for place, one in enumerate(vectors) if one is not None]
    made = np.stack([one for one in vectors if one is not None])
    parts = [range(at, min(at + CHUNK, len(there))) for at in range(0, len(there), CHUNK)]
    chunks = (Documents([ids[there[n]] for n in part], [words[there[n]] for n in part], made[part]) for part in parts)
    write_root(folder / "root", chunks)
    (folder / "ids.json").write_text(json.dumps([ids[n] for n in there]))


def tie(name: str) -> int:
    """Hash an id and the seed as the stage's SQL does: xxhash64 of a string, then of an int of four bytes with that as its seed."""
    first = xxhash.xxh64_intdigest(name.encode(), seed=42)
    return (xxhash.xxh64_intdigest(SEED.to_bytes(4, "little"), seed=first) + 2**63) % 2**64 - 2**63


def brute(
    vectors: dict[str, bytes], cluster: dict[str, int], centroids: dict[int, bytes], least: float, rule: str
) -> dict[str, Decision]:
    """Decide for every document, from the clusters that the stage has put them in."""
    ties = {name: (tie(name), name) for name in vectors}
    groups = defaultdict(list)
    for name in sorted(vectors, key=ties.__getitem__):
        groups[vectors[name]].append(name)
    firsts = [names[0] for names in groups.values()]
    found: dict[str, Decision] = {}
    members = defaultdict(list)
    for name in firsts:
        members[cluster[name]].append(name)
    for number, names in members.items():
        grid = on_grid(np.stack([np.frombuffer(vectors[name], "<f2") for name in names])).astype(np.int64)
        centre = on_grid(np.frombuffer(centroids[number], "<f4").reshape(1, -1)).astype(np.int64)
        key = _cosines(grid, centre)[:, 0]
        order = sorted(range(len(names)), key=lambda at: (key[at], ties[names[at]]))
        found |= _cluster([names[at] for at in order], grid[order], least=least, rule=rule)
    for names in groups.values():
        for copy in names[1:]:
            _, end, cosine, _, _ = found[names[0]]
            found[copy] = ("dropped", end or names[0], cosine if end else 1.0, names[0], 1.0)
    return found


def _cluster(names: list[str], grid: np.ndarray, *, least: float, rule: str) -> dict[str, Decision]:
    every = _cosines(grid, grid)
    by: list[int | None] = []
    for row in range(len(names)):
        earlier = [at for at in np.flatnonzero(every[row, :row] >= least).tolist() if rule == "greedy" or by[at] is None]
        by.append(max(earlier, key=lambda at: (every[row, at], -at)) if earlier else None)
    found: dict[str, Decision] = {}
    for row, one in enumerate(by):
        end = one
        while end is not None and by[end] is not None:
            end = by[end]
        told = [(None, None) if at is None else (names[at], float(every[row, at])) for at in (end, one)]
        found[names[row]] = ("kept" if one is None else "dropped", *told[0], *told[1])
    return found


def _cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    both = (left * left).sum(axis=1)[:, None].astype(np.float64) * (right * right).sum(axis=1)[None].astype(np.float64)
    found: np.ndarray = np.where(both > 0, (left @ right.T) / np.sqrt(np.where(both > 0, both, 1)), 0.0)
    return found


def compared(root: Path, *, least: float, rule: str) -> dict[str, Any]:
    """Return how many decisions differ from brute force's, and what the stage decided."""
    rows = ds.dataset(root / "signals/pass", format="parquet").to_table(["id", "embedding"]).to_pydict()
    vectors = dict(zip(rows["id"], rows["embedding"], strict=True))
    decisions = ds.dataset(root / "decisions/semantic", format="parquet").to_table().to_pylist()
    cluster = {row["id"]: row["cluster"] for row in decisions}
    table = ds.dataset(root / "clusters/semantic", format="parquet").to_table().to_pylist()
    wanted = brute(vectors, cluster, {row["cluster"]: row["centroid"] for row in table}, least, rule)
    names = ("outcome", "duplicate_of", "cosine", "dropped_by", "dropped_by_cosine")
    unlike = [row["id"] for row in decisions if tuple(row[name] for name in names) != wanted[row["id"]]]
    dropped = [row for row in decisions if row["outcome"] == "dropped"]
    return {
        "rule": rule,
        "min_cosine": least,
        "decisions": len(decisions),
        "documents": len(vectors),
        "unlike brute force": len(unlike),
        "first unlike": unlike[:3],
        "dropped": len(dropped),
        "of equal vectors": len(vectors) - len(set(vectors.values())),
        "ends that did not decide": sum(row["duplicate_of"] != row["dropped_by"] for row in dropped),
        "clusters": len(table),
        "pairs compared": int(sum(n * (n - 1) // 2 for n in np.unique(list(cluster.values()), return_counts=True)[1])),
    }


def main() -> None:
    """Print a line of JSON for each rule."""
    from jobs.engine.session import local_session

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--min-cosine", type=float, default=0.9)
    given = parser.parse_args()
    print(machine())
    given.folder.mkdir(parents=True, exist_ok=True)
    embedded(given.folder, given.texts, given.model, given.documents)
    spark = local_session(master="local[2]", shuffle_partitions=8)
    for rule in ("survivors", "greedy"):
        ran = run_stage(spark, given.folder / "root", {"duplicates": {"min_cosine": given.min_cosine, "rule": rule}})
        began = time.process_time()
        told = compared(given.folder / "root", least=given.min_cosine, rule=rule)
        print(
            json.dumps(told | {"stage": ran["seconds"], "brute force, CPU s": round(time.process_time() - began, 1)}),
            flush=True,
        )
    spark.stop()


if __name__ == "__main__":
    main()
