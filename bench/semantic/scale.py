"""Measure how the semantic stage grows: documents a second, CPU and memory at several sizes, of random and of clustered vectors.

    python -m bench.semantic.scale FOLDER --kind clustered --documents 100000 300000

prints a row of JSON for each size. `crowd` plants so many vectors in one place: every other is equal, the rest are nearly equal.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.process_usage import machine, watch
from bench.semantic.large_root import CHUNK, Documents, run_stage, write_root

PER_TOPIC = 60  # documents around one direction, on average
LEAST, MOST, NEAR = 0.2, 1.0, 0.02  # length of the noise beside a direction of length 1: in a topic, and in the planted crowd


@dataclass(frozen=True)
class Vectors:
    """Say which vectors are made: how many, how wide, around directions or at random, and how many are a planted crowd."""

    documents: int
    kind: str
    width: int = 384
    crowd: int = 0
    seed: int = 1

    def rows(self, start: int, count: int) -> np.ndarray:
        """Make the vectors of some documents; the same whatever they are made with."""
        rng = np.random.default_rng([self.seed, start])
        noise = rng.standard_normal((count, self.width), dtype=np.float32) / np.float32(np.sqrt(self.width))
        if self.kind == "clustered":
            topics = _topics(max(1, self.documents // PER_TOPIC), self.width, self.seed)
            noise *= rng.uniform(LEAST, MOST, (count, 1)).astype(np.float32)
            noise += topics[rng.integers(0, len(topics), count)]
        if self.crowd > start:
            crowd = np.zeros(self.width, dtype=np.float32)
            crowd[0] = 1.0
            ends = min(count, self.crowd - start)
            near = (np.arange(start, start + ends) % 2).astype(bool)[:, None]  # every other is equal
            apart = rng.standard_normal((ends, self.width), dtype=np.float32) / np.float32(np.sqrt(self.width))
            noise[:ends] = crowd + np.where(near, np.float32(NEAR), np.float32(0)) * apart
        return noise

    def chunks(self) -> Iterator[Documents]:
        """Yield all documents, a chunk at a time."""
        for start in range(0, self.documents, CHUNK):
            count = min(CHUNK, self.documents - start)
            yield Documents([f"d{start + n:09d}" for n in range(count)], ["words"] * count, self.rows(start, count))


@lru_cache(maxsize=1)
def _topics(count: int, width: int, seed: int) -> np.ndarray:
    topics = np.random.default_rng([seed, 2**31]).standard_normal((count, width), dtype=np.float32)
    found: np.ndarray = topics / np.linalg.norm(topics, axis=1, keepdims=True)
    return found


def stage(root: Path, *, cores: int, memory: str, result: Path, settings: dict[str, Any]) -> None:
    """Run the stage alone over a root, and write what it took."""
    from jobs.engine.session import local_session

    spark = local_session(master=f"local[{cores}]", shuffle_partitions=8, driver_memory=memory)
    result.write_text(json.dumps(run_stage(spark, root, settings)))
    spark.stop()


def main() -> None:
    """Measure each size in a process of its own, and delete its root."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=("random", "clustered"), default="clustered")
    parser.add_argument("--documents", type=int, nargs="+", default=[100_000])
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--crowd", type=int, default=0)
    parser.add_argument("--settings", default='{"duplicates": {"min_cosine": 0.9}, "prototypes": {"keep": 0.5}}')
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="2g")
    parser.add_argument("--stage", type=Path)
    given = parser.parse_args()
    if given.stage is not None:
        stage(given.folder, cores=given.cores, memory=given.memory, result=given.stage, settings=json.loads(given.settings))
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    print(machine(), flush=True)
    for documents in given.documents:
        root, result = given.folder / f"{given.kind}-{documents}", given.folder / "result.json"
        write_root(root, Vectors(documents, given.kind, width=given.width, crowd=given.crowd).chunks())
        command: list[str | Path] = [sys.executable, "-m", "bench.semantic.scale", root, "--stage", result]
        command += ["--cores", str(given.cores), "--memory", given.memory, "--settings", given.settings]
        used = watch(command, log=given.folder / "log.txt")
        row = {"documents": documents, "kind": given.kind, "width": given.width, "crowd": given.crowd, **used.plain()}
        row |= {"documents_a_core_second": round(documents / used.cpu_seconds)} | json.loads(result.read_text())
        print(json.dumps(row), flush=True)
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
