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


def write_root(folder: Path, docs: Sequence[Doc], *, num_perm: int, ngram: int = 2, chunks: int = 1) -> None:
    """Write plan, documents, signals and decisions/filter; the documents are dealt out to as many chunks."""
    dealt = {f"{number:05d}": docs[number::chunks] for number in range(chunks)}
    for chunk, some in dealt.items():
        _write_chunk(folder, chunk, some)
    write_signals(folder, {chunk: _signals(some, num_perm=num_perm, ngram=ngram) for chunk, some in dealt.items()})


def _write_chunk(folder: Path, chunk: str, docs: Sequence[Doc]) -> None:
    write_json(folder / f"plan/{chunk}.json", {"files": []})
    write_json(folder / f"documents/_chunks/{chunk}.json", {"fingerprint": "x", "failed_files": []})
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
    write_table(folder / f"documents/chunk={chunk}/kind=document", pa.table(documents))
    write_table(folder / f"decisions/filter/chunk={chunk}", pa.table({"id": documents["id"], "outcome": ["kept"] * len(docs)}))


def _signals(docs: Sequence[Doc], *, num_perm: int, ngram: int) -> pa.Table:
    return pa.table(
        {
            "id": [d.id for d in docs],
            "language": ["en"] * len(docs),
            "quality_score": pa.array([d.quality for d in docs], pa.float64()),
            "character_count": [len(d.text) for d in docs],
            "text_hash": pa.array([text_hash(d.text) for d in docs], pa.string()),
            "minhash": pa.array([signature(shingle_hashes(d.text, ngram), num_perm, 1) for d in docs], pa.binary()),
            "shingle_count": [len(shingle_hashes(d.text, ngram)) for d in docs],
            "line_edits": pa.array([[] for _ in docs], EDITS),
            "error": pa.nulls(len(docs), pa.string()),
        }
    )


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
