"""Measure what one core does in a worker, without Spark: vectors to the grid, assignment, and comparison inside clusters.

python -m bench.semantic.worker 20000 50000 100000
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from bench.process_usage import machine
from bench.semantic.large_root import CHUNK
from bench.semantic.scale import Vectors
from udfs.vectors.grid import on_grid
from udfs.vectors.kmeans import assign_grid, fit_grid
from udfs.vectors.semdedup import duplicates

FITTED = 5_000  # vectors, for which a few iterations cost seconds


@contextmanager
def timed(row: dict[str, float], name: str) -> Iterator[None]:
    """Note the CPU seconds of a block."""
    began = time.process_time()
    yield
    row[name] = time.process_time() - began


def main() -> None:
    """Print a row of a table for each size and kind."""
    print(machine())
    print(
        "| vectors | kind | clusters | grid | assign | compare | documents/s/core | dropped at 0.9 |\n|---|---|---|---|---|---|---|---|"
    )
    for count in map(int, sys.argv[1:]):
        for kind in ("random", "clustered"):
            made = Vectors(count, kind)
            row: dict[str, float] = {}
            vectors = np.concatenate([made.rows(at, min(CHUNK, count - at)) for at in range(0, count, CHUNK)]).astype(
                np.float16
            )
            with timed(row, "grid"):
                grid = on_grid(vectors)
            clusters = round(count**0.5)
            centroids = on_grid(fit_grid(grid[:FITTED], clusters=clusters, iterations=2, seed=1))
            with timed(row, "assign"):
                found, _ = assign_grid(grid, centroids)
            gone = 0
            with timed(row, "compare"):
                for cluster in range(clusters):
                    gone += int(duplicates(grid[found == cluster], min_cosine=0.9, rule="survivors").goes.sum())
            spent = " | ".join(f"{row[name]:.2f} s" for name in ("grid", "assign", "compare"))
            print(f"| {count:,} | {kind} | {clusters} | {spent} | {count / sum(row.values()):,.0f} | {gone:,} |", flush=True)


if __name__ == "__main__":
    main()
