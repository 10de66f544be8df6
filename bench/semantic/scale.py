"""Measure how the semantic stage grows: documents a second, CPU and memory at several sizes, of random and of clustered vectors.

    python -m bench.semantic.scale FOLDER --kind clustered --documents 100000 300000

prints a row of JSON for each size. `crowd` plants so many equal vectors, and as many that are nearly equal.
"""

import argparse
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.process_usage import machine, watch
from tests.dedup.small_root import write_json, write_signals
from tests.semantic.small_root import write_stage_marker
from udfs.vectors.half import packed

CHUNK = 50_000  # documents
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
        noise = rng.standard_normal((count, self.width)) / np.sqrt(self.width)
        if self.kind == "clustered":
            topics = np.random.default_rng([self.seed, 2**31]).standard_normal(
                (max(1, self.documents // PER_TOPIC), self.width)
            )
            topics /= np.linalg.norm(topics, axis=1, keepdims=True)
            noise = topics[rng.integers(0, len(topics), count)] + rng.uniform(LEAST, MOST, (count, 1)) * noise
        if self.crowd > start:
            crowd = np.zeros(self.width)
            crowd[0] = 1.0
            ends = min(count, self.crowd - start)
            near = (np.arange(start, start + ends) % 2).astype(bool)[:, None]  # every other is equal
            noise[:ends] = crowd + np.where(near, NEAR, 0) * noise[:ends]
        found: np.ndarray = noise.astype(np.float32)
        return found


def write_root(folder: Path, made: Vectors) -> None:
    """Write a root of these documents, chunk by chunk."""
    signals = {}
    for start in range(0, made.documents, CHUNK):
        count = min(CHUNK, made.documents - start)
        chunk, ids = f"{start // CHUNK:05d}", [f"d{start + n:09d}" for n in range(count)]
        write_json(folder / f"documents/_chunks/{chunk}.json", {"fingerprint": "x", "failed_files": []})
        texts = {"id": ids, "text": ["words"] * count, "url": ids, "file_path": ["f"] * count, "offset": list(range(count))}
        _write(folder / f"documents/chunk={chunk}/kind=document", texts | {"outcome": ["extracted"] * count})
        vectors = pa.array(packed(made.rows(start, count)), pa.binary())
        _write(folder / f"signals/pass/chunk={chunk}", {"id": ids, "embedding": vectors, "error": pa.nulls(count, pa.string())})
        _write(folder / f"decisions/dedup/chunk={chunk}", {"id": ids, "outcome": ["kept"] * count})
        signals[chunk] = pa.table({"id": []})
    write_signals(folder, signals)
    for chunk in signals:  # the markers are what was wanted: the rows lie there already
        (folder / f"signals/pass/chunk={chunk}/part-0.parquet").unlink()
    write_stage_marker(folder)


def _write(folder: Path, columns: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / "rows.parquet", row_group_size=10_000)


def stage(root: Path, *, cores: int, memory: str, result: Path, settings: dict[str, Any]) -> None:
    """Run the stage alone over a root, and write the seconds of its steps and what its marker would say."""
    import time

    from jobs.engine.root import Root
    from jobs.engine.session import local_session
    from tests.semantic.small_root import context

    spark = local_session(master=f"local[{cores}]", shuffle_partitions=8, driver_memory=memory)
    given = context(Root(spark, str(root)), settings)
    one = given.stage("semantic")
    began = time.perf_counter()
    ledger = one.run(given.job(one)).check("semantic")
    seconds = time.perf_counter() - began
    facts = one.facts(given.job(one)) if one.facts is not None else {}
    result.write_text(json.dumps({"seconds": round(seconds, 1), "ledger": ledger.as_json(), "facts": facts}))
    spark.stop()


def main() -> None:
    """Measure each size in a process of its own, and delete its root."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=("random", "clustered"), default="clustered")
    parser.add_argument("--documents", type=int, nargs="+", default=[100_000])
    parser.add_argument("--crowd", type=int, default=0)
    parser.add_argument("--settings", default='{"duplicates": {"min_cosine": 0.9}, "prototypes": {"keep": 0.5}}')
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="2g")
    parser.add_argument("--stage", type=Path)
    parser.add_argument(
        "--vectors", type=Path, help="write the vectors of the first size to this file, for peer.py, and do no more"
    )
    given = parser.parse_args()
    if given.stage is not None:
        stage(given.folder, cores=given.cores, memory=given.memory, result=given.stage, settings=json.loads(given.settings))
        return
    if given.vectors is not None:
        made = Vectors(given.documents[0], given.kind, crowd=given.crowd)
        starts = range(0, made.documents, CHUNK)
        np.save(given.vectors, np.concatenate([made.rows(at, min(CHUNK, made.documents - at)) for at in starts]))
        return
    print(machine(), flush=True)
    for documents in given.documents:
        root, result = given.folder / f"{given.kind}-{documents}", given.folder / "result.json"
        shutil.rmtree(root, ignore_errors=True)
        write_root(root, Vectors(documents, given.kind, crowd=given.crowd))
        command: list[str | Path] = [sys.executable, "-m", "bench.semantic.scale", root, "--stage", result]
        command += ["--cores", str(given.cores), "--memory", given.memory, "--settings", given.settings]
        used = watch(command, log=given.folder / "log.txt")
        row = {"documents": documents, "kind": given.kind, "crowd": given.crowd, **used.plain()}
        row |= {"documents_a_core_second": round(documents / used.cpu_seconds)} | json.loads(result.read_text())
        print(json.dumps(row), flush=True)
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
