"""Write a root of many documents with vectors, chunk by chunk, and run the semantic stage alone over it."""

import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.engine.root import Root
from tests.dedup.small_root import write_json, write_signals
from tests.semantic.small_root import context, write_stage_marker
from udfs.vectors.half import packed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CHUNK = 50_000  # documents


@dataclass(frozen=True)
class Documents:
    """Some documents: ids, texts and vectors, of which the stage reads the latter and, for labels, some beginnings of texts."""

    ids: Sequence[str]
    texts: Sequence[str]
    vectors: np.ndarray


def write_root(folder: Path, chunks: Iterable[Documents]) -> None:
    """Write a root anew that is finished as far as dedup's decisions; one chunk is held at a time."""
    shutil.rmtree(folder, ignore_errors=True)
    signals = {}
    for number, some in enumerate(chunks):
        chunk, ids, count = f"{number:05d}", list(some.ids), len(some.ids)
        write_json(folder / f"documents/_chunks/{chunk}.json", {"fingerprint": "x", "failed_files": []})
        texts = {"id": ids, "text": list(some.texts), "url": ids, "file_path": ["f"] * count, "offset": list(range(count))}
        _write(folder / f"documents/chunk={chunk}/kind=document", texts | {"outcome": ["extracted"] * count})
        vectors = pa.array(packed(some.vectors), pa.binary())
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


def run_stage(spark: "SparkSession", root: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """Run the stage; return seconds by the clock, those of each step, the ledger, and what its marker would say."""
    given = context(Root(spark, str(root)), settings)
    one = given.stage("semantic")
    began, began_at = time.perf_counter(), time.time()
    ledger = one.run(given.job(one)).check("semantic")
    seconds = time.perf_counter() - began
    facts = one.facts(given.job(one)) if one.facts is not None else {}
    return {"seconds": round(seconds, 1), "steps": _steps(root, began_at), "ledger": ledger.as_json(), "facts": facts}


def _steps(root: Path, began: float) -> dict[str, float]:
    """Return the seconds between each step's marker and the one before it."""
    ends = sorted((one.stat().st_mtime, one.stem) for one in (root / "semantic").glob("*/*.json"))
    return {name: round(end - before, 1) for (end, name), before in zip(ends, [began, *(end for end, _ in ends)], strict=False)}
