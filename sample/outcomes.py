"""Read what a finished run made of each capture, from the Parquet files under its root, without Spark."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Got:
    """What a run made of one capture: its last outcome and reason, and the columns that the truth can judge."""

    id: str
    outcome: str
    reason: str | None = None
    duplicate_of: str | None = None
    charset: str | None = None
    language: str | None = None
    text: str | None = None
    product: str | None = None


def read_run(root: Path) -> list[Got]:
    """Read what a run left under a local folder: documents, signals, decisions/filter, decisions/dedup and corpus."""
    language = {row["id"]: row["language"] for folder in _language(root) for row in _rows(folder, ["id", "language"])}
    filtered = {row["id"]: row for row in _rows(root / "decisions" / "filter", ["id", "outcome", "reason"])}
    columns = ["id", "outcome", "reason", "duplicate_of"]
    deduplicated = {row["id"]: row for row in _rows(root / "decisions" / "dedup", columns)}
    product = {row["id"]: row["text"] for row in _rows(root / "corpus", ["id", "text"])}
    found = []
    documents = _rows(root / "documents", ["id", "outcome", "reason", "charset", "text"])
    for row in (row for row in documents if row["id"] is not None):  # rows about input files lie beside them
        last = deduplicated.get(row["id"]) or filtered.get(row["id"]) or row
        found.append(
            Got(
                id=row["id"],
                outcome=last["outcome"],
                reason=last["reason"],
                duplicate_of=last.get("duplicate_of"),
                charset=row["charset"],
                language=language.get(row["id"]),
                text=row["text"],
                product=product.get(row["id"]),
            )
        )
    return found


def _language(root: Path) -> list[Path]:
    """List the folder of each chunk's language: that of the pass which its marker names."""
    markers = sorted((root / "signals" / "_chunks").glob("*.json"))
    passes = {path.stem: json.loads(path.read_text("utf-8"))["sets"]["language"]["pass"] for path in markers}
    return [root / "signals" / name / f"chunk={chunk}" for chunk, name in passes.items()]


def _rows(folder: Path, columns: list[str]) -> list[dict[str, Any]]:
    """Read the given columns of every Parquet file below a folder, whatever its partitions; none if it is absent."""
    files = sorted(path for path in folder.rglob("*.parquet") if not path.name.startswith(("_", ".")))
    tables: list[pa.Table] = [pq.ParquetFile(path).read(columns=columns) for path in files]
    return [row for table in tables for row in table.to_pylist()]
