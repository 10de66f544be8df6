"""A root that holds a published corpus and nothing else: what pack needs, made in no time."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs import pack
from jobs.engine.job import Job
from jobs.pack.settings import Pack
from tests.runs import changed, context, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WORDS = ("the", "water", "of", "a", "house", "in", "Zürich", "naïve", "12", "3.5", "(", "and", ")", "keine", "Zeit")
COLUMNS = pa.schema([*((name, pa.string()) for name in ("id", "text", "url", "domain")), ("copies", pa.int64())])


def documents(count: int = 60) -> list[dict[str, Any]]:
    """Make texts of very different lengths; one is empty, every fifth has three copies, every third is Norwegian: language=no."""
    return [
        {
            "id": f"urn:{n}",
            "text": " ".join(WORDS[(n * 7 + place * place) % len(WORDS)] for place in range(n * n % 401)),
            "url": f"https://{n % 4}.example/{n}",
            "domain": f"{n % 4}.example",
            "language": "no" if n % 3 == 0 else "en",
            "copies": 3 if n % 5 == 0 else 1,
        }
        for n in range(count)
    ]


def write_corpus(root: Path, rows: Sequence[dict[str, Any]], *, chunks: int = 2, files: int = 1) -> Path:
    """Write rows as publish does, in so many chunks, each language of a chunk in so many files, with the chunks' markers."""
    for chunk in range(chunks):
        mine = rows[chunk::chunks]
        for language in sorted({row["language"] for row in mine}):
            folder = root / f"corpus/dump=TINY/language={language}/chunk={chunk:05}"
            folder.mkdir(parents=True)
            here = [{name: row[name] for name in COLUMNS.names} for row in mine if row["language"] == language]
            for file in range(files):
                pq.write_table(pa.Table.from_pylist(here[file::files], schema=COLUMNS), folder / f"part-{file}.parquet")
        marker = root / f"corpus/_chunks/{chunk:05}.json"
        marker.parent.mkdir(exist_ok=True)
        marker.write_text(json.dumps({"fingerprint": f"of chunk {chunk}", "files": files}))
    return root


def job(spark: "SparkSession", root: Path, **settings: Any) -> Job[Pack]:
    """Return the stage's job on a root."""
    return context(spark, changed(tiny([root]), pack=settings), root).job(pack.STAGE)
