"""Write documents as corpora in the layouts in which FineWeb, DCLM-baseline and Dolma are published, and make recipes that read them."""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.recipe.recipe import Recipe
from tests.runs import changed, rows

Document = dict[str, Any]


def extracted(root: Path) -> list[Document]:
    """Read the documents of a run that have a text, by id."""
    return [row for row in rows(root, "documents") if row["outcome"] == "extracted"]


def reading(recipe: Recipe, inputs: Sequence[Path | str], *, read: dict[str, Any] | None = None, **run: Any) -> Recipe:
    """Make of a recipe one that reads a corpus and does the same from annotate on."""
    return changed(
        recipe, extract=None, read=read or {}, run={"input": [str(path) for path in inputs], "chunk_files": 100, **run}
    )


def write_fineweb(documents: Iterable[Document], path: Path, **options: Any) -> Path:
    """Write Parquet as FineWeb has it."""
    table = [
        {
            "text": row["text"],
            "id": row["id"],
            "dump": row["dump"],
            "url": row["url"],
            "date": row["date"],
            "file_path": f"s3://commoncrawl/{row['file_path']}",
            "language": "en",
            "language_score": 0.9,
            "token_count": len(row["text"]) // 4,
        }
        for row in documents
    ]
    pq.write_table(pa.Table.from_pylist(table), path, **options)
    return path


def write_dclm(documents: Iterable[Document], path: Path) -> Path:
    """Write JSONL.zst as DCLM-baseline has it."""
    lines = (
        {
            "bff_contained_ngram_count_before_dedupe": 1,
            "language_id_whole_page_fasttext": {"en": 0.93},
            "metadata": {
                "Content-Length": str(row["length"]),
                "WARC-Date": row["date"],
                "WARC-Record-ID": row["id"],
                "WARC-Target-URI": row["url"],
                "WARC-Type": "response",
            },
            "previous_word_count": 1,
            "text": row["text"],
            "url": row["url"],
            "warcinfo": "robots: classic",
            "fasttext_openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train_prob": 0.08,
        }
        for row in documents
    )
    with pa.CompressedOutputStream(str(path), "zstd") as out:
        out.write(_lines(lines))
    return path


def write_dolma(documents: Iterable[Document], path: Path) -> Path:
    """Write JSONL.gz as Dolma has it; `created` has the milliseconds that Dolma writes."""
    lines = (
        {
            "id": row["id"],
            "text": row["text"],
            "source": "common-crawl",
            "added": "2023-04-11T09:57:03.044571+00:00",
            "created": row["date"].replace("Z", ".000Z"),
            "metadata": {"url": row["url"], "cc_segment": row["file_path"]},
        }
        for row in documents
    )
    path.write_bytes(gzip.compress(_lines(lines), mtime=0))
    return path


def write_jsonl(documents: Iterable[Any], path: Path) -> Path:
    """Write one value a line; bytes are written as they are."""
    path.write_bytes(b"".join(row + b"\n" if isinstance(row, bytes) else _lines([row]) for row in documents))
    return path


def _lines(values: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)
