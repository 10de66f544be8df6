"""Make a run's root by hand, as far as the filter's decisions, so that a test starts at the stage it is about."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from udfs.signals.sets import BY_NAME, EDITS
from udfs.similarity.minhash import shingle_hashes, signature, text_hash

CHUNK = "00000"
PASS = "pass"  # of annotate, in which all sets were measured


@dataclass(frozen=True)
class Doc:
    """One document that passed the filter."""

    id: str
    text: str
    url_key: str
    quality: float | None = 0.5
    date: str = "2026-01-01T00:00:00Z"
    digest: str | None = None


def write_root(folder: Path, docs: Sequence[Doc], *, num_perm: int, ngram: int = 2) -> None:
    """Write plan, documents, signals and decisions/filter of one chunk."""
    write_json(folder / "plan/00000.json", {"files": []})
    write_json(folder / "documents/_chunks/00000.json", {"fingerprint": "x", "failed_files": []})
    documents = {
        "id": [d.id for d in docs],
        "url": [d.url_key for d in docs],
        "url_key": [d.url_key for d in docs],
        "date": [d.date for d in docs],
        "dump": ["D"] * len(docs),
        "digest": pa.array([d.digest for d in docs], pa.string()),
        "file_path": ["f"] * len(docs),
        "offset": list(range(len(docs))),
        "text": [d.text for d in docs],
        "outcome": ["extracted"] * len(docs),
        "reason": pa.nulls(len(docs), pa.string()),
    }
    write_table(folder / "documents/chunk=00000/kind=document", pa.table(documents))
    signals = {
        "id": documents["id"],
        "language": ["en"] * len(docs),
        "quality_score": pa.array([d.quality for d in docs], pa.float64()),
        "character_count": [len(d.text) for d in docs],
        "text_hash": pa.array([text_hash(d.text) for d in docs], pa.string()),
        "minhash": pa.array([signature(shingle_hashes(d.text, ngram), num_perm, 1) for d in docs], pa.binary()),
        "shingle_count": [len(shingle_hashes(d.text, ngram)) for d in docs],
        "line_edits": pa.array([[] for _ in docs], EDITS),
        "error": pa.nulls(len(docs), pa.string()),
    }
    write_signals(folder, {CHUNK: pa.table(signals)})
    decisions = {"id": documents["id"], "outcome": ["kept"] * len(docs)}
    write_table(folder / "decisions/filter/chunk=00000", pa.table(decisions))


def write_signals(folder: Path, chunks: Mapping[str, pa.Table]) -> None:
    """Write signals by chunk as one pass of annotate leaves them; a column that is not given is null."""
    there = {name: {"fingerprint": name, "pass": PASS} for name in BY_NAME}
    for chunk, rows in chunks.items():
        write_table(folder / f"signals/{PASS}/chunk={chunk}", rows)
        write_json(folder / f"signals/_chunks/{chunk}.json", {"fingerprint": "x", "sets": there})
    write_json(folder / "signals/_stage.json", {"stage": "annotate", "sets": {name: name for name in BY_NAME}})


def write_table(folder: Path, table: pa.Table) -> None:
    """Write a table as one Parquet file."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "part-0.parquet")


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write a JSON file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
