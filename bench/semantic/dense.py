"""Show why D4 clusters anew: pages of a template make a dense cluster, and without SemDeDup they are what "prototype" means.

python -m bench.semantic.dense EMBEDDED.jsonl MODELS
"""

import json
import sys
from pathlib import Path

import numpy as np

from bench.semantic.found import embedder
from bench.semantic.planted import template_page
from udfs.vectors.grid import Grid, on_grid
from udfs.vectors.kmeans import assign_grid, fit_grid
from udfs.vectors.semdedup import STAYS, duplicates

TEMPLATE_PAGES, CLUSTERS, KEEP, LEAST = 40, 20, 2 / 3, 0.9
ASCII = 0.97  # share of a text's characters: roughly, English


def nearest(vectors: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows prototypes would drop, and all distances."""
    centroids = on_grid(fit_grid(vectors, clusters=CLUSTERS, iterations=20, seed=1))
    _, cosine = assign_grid(vectors, centroids)
    order = np.argsort(-cosine, kind="stable")
    return order[: len(vectors) - round(len(vectors) * KEEP)], 1 - cosine


def main() -> None:
    """Print how many of the dropped prototypes are pages of the template, before SemDeDup and after."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    some = [row for row in rows if sum(one.isascii() for one in row["text"]) >= ASCII * len(row["text"])]
    own = np.stack([np.frombuffer(bytes.fromhex(row["v"]), "<f2").astype(np.float32) for row in some])
    pages = [template_page("Ashford", "a garden hose", 3 + price) for price in range(TEMPLATE_PAGES)]
    made = np.stack([np.asarray(one) for one in embedder(Path(sys.argv[2])).vectors(pages)])
    vectors, planted = on_grid(np.concatenate([own, made])), np.arange(len(own) + len(made)) >= len(own)
    centroids = on_grid(fit_grid(vectors, clusters=CLUSTERS, iterations=20, seed=1))
    cluster, cosine = assign_grid(vectors, centroids)
    left = np.zeros(len(vectors), dtype=bool)
    for one in range(CLUSTERS):
        mine = np.flatnonzero(cluster == one)
        mine = mine[np.argsort(cosine[mine], kind="stable")]
        left[mine[duplicates(vectors[mine], min_cosine=LEAST, rule="greedy").by == STAYS]] = True
    gone, distance = nearest(vectors)
    print(f"{len(own):,} real texts, {len(made)} pages of a template, {CLUSTERS} clusters; prototypes keep {KEEP:.2f}")
    told = f"{distance[planted].mean():.3f}, of real texts {distance[~planted].mean():.3f}"
    print(
        f"without SemDeDup: of {len(gone):,} prototypes {planted[gone].sum()} are of the template; mean distance of those {told}"
    )
    gone, distance = nearest(vectors[left])
    rest = planted[left]
    print(
        f"SemDeDup at {LEAST}: {(~left).sum():,} go, {(~left & planted).sum()} of them of the template; {rest.sum()} of it left"
    )
    print(f"clustered anew: of {len(gone):,} prototypes {rest[gone].sum()} are of the template")


if __name__ == "__main__":
    main()
