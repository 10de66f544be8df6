"""Hold the semantic stage beside semhash (MIT, MinishLab) on the same vectors: seconds, memory, what each drops and what each leaves.

    python -m bench.semantic.peer ROOT --python PEER/bin/python --min-cosine 0.9

ROOT is one that `bench.semantic.exact` has written. semhash has an environment of its own. It finds neighbours by usearch's HNSW graph,
so it compares approximately, and all documents with each other; the stage compares exactly, and inside clusters.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds

from bench.process_usage import Usage, machine, watch

SEMHASH = """
import json, sys
import numpy as np
from semhash import SemHash

class NoModel:
    def encode(self, inputs, **kwargs):
        raise NotImplementedError

vectors = np.load(sys.argv[1])
index = SemHash.from_embeddings(vectors, [str(n) for n in range(len(vectors))], NoModel())
kept = index.self_deduplicate(threshold=float(sys.argv[2])).selected
json.dump(sorted(map(int, kept)), open(sys.argv[3], "w"))
"""
BLOCK = 1_000


def nearest_kept(vectors: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return each document's largest cosine to another one that was kept, by comparing with all."""
    right, places = vectors[kept], np.flatnonzero(kept)
    own = np.full(len(vectors), -1)
    own[places] = np.arange(len(places))
    found = np.zeros(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK):
        product = vectors[start : start + BLOCK] @ right.T
        mine = own[start : start + BLOCK]
        rows = np.flatnonzero(mine >= 0)
        product[rows, mine[rows]] = -1
        found[start : start + BLOCK] = product.max(axis=1)
    return found


def told(name: str, vectors: np.ndarray, kept: np.ndarray, used: Usage, least: float) -> str:
    """Return a row of the table; the last two columns are what a perfect comparison would leave at 0."""
    near = nearest_kept(vectors, kept)
    left, lost = int((kept & (near >= least)).sum()), int((~kept & (near < least - 1e-3)).sum())
    rate = len(vectors) / used.cpu_seconds
    memory = used.java_peak_mb + used.python_peak_mb
    return f"| {name} | {used.cpu_seconds:.1f} | {rate:,.0f} | {memory:,} | {int((~kept).sum()):,} | {left:,} | {lost:,} |"


def main() -> None:
    """Print a table of both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--python", required=True, help="a Python with semhash")
    parser.add_argument("--min-cosine", type=float, default=0.9)
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as place:
        folder, least = Path(place), given.min_cosine
        shutil.rmtree(given.root / "semantic", ignore_errors=True)  # steps that are finished would not be measured
        settings = json.dumps({"duplicates": {"min_cosine": least}})
        ran = [sys.executable, "-m", "bench.semantic.scale", str(given.root), "--stage", f"{folder}/result.json"]
        ours = watch([*ran, "--settings", settings], log=folder / "log.txt")
        decided = ds.dataset(given.root / "decisions/semantic", format="parquet").to_table(["id", "outcome"]).to_pydict()
        outcome = dict(zip(decided["id"], decided["outcome"], strict=True))
        rows = ds.dataset(given.root / "signals/pass", format="parquet").to_table(["id", "embedding"]).to_pydict()
        vectors = np.frombuffer(b"".join(rows["embedding"]), "<f2").reshape(len(rows["id"]), -1).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        np.save(folder / "vectors.npy", vectors)
        asked = [given.python, "-c", SEMHASH, f"{folder}/vectors.npy", str(least), f"{folder}/kept.json"]
        theirs = watch(asked, log=folder / "log.txt")
        kept = np.zeros(len(vectors), dtype=bool)
        kept[json.loads((folder / "kept.json").read_text())] = True
    versions = subprocess.run([given.python, "-m", "pip", "list"], check=True, capture_output=True, text=True).stdout
    print(", ".join(" ".join(line.split()) for line in versions.splitlines() if line.startswith(("semhash", "usearch"))))
    print("| | CPU s | documents/s/core | MB | dropped | kept, with a kept one alike | dropped, without one |")
    print("|---|---|---|---|---|---|---|")
    mine = np.array([outcome[name] == "kept" for name in rows["id"]])
    print(told("the stage, with Spark", vectors, mine, ours, least))
    print(told("semhash", vectors, kept, theirs, least))


if __name__ == "__main__":
    main()
