"""Measure how well layouts keep topics and neighbours together: ours, two principal components, and pacmap's where it is installed.

    python -m bench.explorer.layout NUMBER [PYTHON]

NUMBER vectors of width 384 are made up: 200 topics in 20 groups, with noise. Of 2,000 of them the ten nearest in the plane are looked
at. `topic` is how often most of them have its own topic, `neighbours` the share of them that are among its ten nearest vectors.
PYTHON is that of an environment with pacmap; it runs in a process of its own, with one warm-up run, so that compiling is not counted.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from udfs.vectors.half import Vectors
from udfs.vectors.layout import layout
from udfs.vectors.principal import principal

TOPICS, GROUPS, WIDTH, NOISE = 200, 20, 384, 2.5
LOOKED_AT, NEIGHBOURS = 2_000, 10
PACMAP = """
import sys, time, numpy as np, pacmap
vectors = np.load(sys.argv[1])
pacmap.PaCMAP(random_state=1).fit_transform(vectors[:1000], init="pca")
began = time.process_time()
np.save(sys.argv[2], pacmap.PaCMAP(random_state=1).fit_transform(vectors, init="pca"))
print(time.process_time() - began)
"""


def made_up(number: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
    """Return unit vectors and the topic of each."""
    random = np.random.default_rng(1)
    groups = random.normal(size=(GROUPS, WIDTH))
    centres = 0.8 * random.normal(size=(TOPICS, WIDTH)) + groups[np.arange(TOPICS) % GROUPS]
    topic = random.integers(0, TOPICS, number)
    vectors = centres[topic] + NOISE * random.normal(size=(number, WIDTH))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32), topic


def nearest(places: npt.NDArray[np.float32], some: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the ten nearest others of some rows, by comparing with all."""
    lengths = (places * places).sum(axis=1)
    found = []
    for block in np.array_split(some, 20):
        distances = lengths[None, :] - 2 * places[block] @ places.T
        distances[np.arange(len(block)), block] = np.inf
        found.append(np.argpartition(distances, NEIGHBOURS, axis=1)[:, :NEIGHBOURS])
    return np.concatenate(found)


def by_pacmap(python: str, vectors: Vectors) -> tuple[npt.NDArray[np.float32], float]:
    """Lay out by pacmap in another environment; return places and CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/vectors.npy", vectors)
        command = [python, "-c", PACMAP, f"{folder}/vectors.npy", f"{folder}/places.npy"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return np.load(f"{folder}/places.npy"), float(said.split()[-1])


def timed(make: Callable[[], npt.NDArray[np.float32]]) -> tuple[npt.NDArray[np.float32], float]:
    """Return what is made, and CPU seconds."""
    began = time.process_time()
    made = make()
    return made, time.process_time() - began


def main(number: int, python: str | None) -> None:
    """Print a row for each layout."""
    vectors, topic = made_up(number)
    some = np.random.default_rng(2).permutation(number)[:LOOKED_AT]
    alike = nearest(vectors, some)
    layouts = {
        "vectors themselves": (vectors, 0.0),
        "two principal components": timed(lambda: principal(vectors, 2)),
        "ours": timed(lambda: layout(vectors, seed=1)),
    }
    if python is not None and Path(python).exists():
        layouts["pacmap"] = by_pacmap(python, vectors)
    print("| layout | CPU s | topic | neighbours |\n|---|---|---|---|")
    for name, (places, seconds) in layouts.items():
        found = nearest(np.asarray(places, dtype=np.float32), some)
        own = np.mean(
            [np.bincount(topic[row], minlength=TOPICS).argmax() == topic[at] for row, at in zip(found, some, strict=True)]
        )
        kept = np.mean([len(set(a) & set(b)) / NEIGHBOURS for a, b in zip(found.tolist(), alike.tolist(), strict=True)])
        print(f"| {name} | {seconds:.1f} | {own:.3f} | {kept:.3f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
