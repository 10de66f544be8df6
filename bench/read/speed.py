"""Measure what a core reads and annotates of a corpus: `gristmill plan` estimates core-hours with these rates.

    python -m bench.read.speed FOLDER crawl.warc.gz

The texts that conf/fineweb.toml's extraction finds in the WARC are written to FOLDER COPIES times, as Parquet, JSONL.zst, JSONL.gz and
JSONL. CPU time of this process alone, so that a busy machine disturbs little.
"""

import gzip
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.signals.speed import texts_of_warc
from jobs.annotate import STAGE as ANNOTATE
from jobs.engine.models import ModelFile, fetch
from jobs.recipe.load import load_recipe
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.worker import read_files
from udfs.documents.file_row import FileRange
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import annotate
from udfs.signals.sets import BY_NAME

COPIES = 20
MODELS = Path(".cache/models")
RECIPES = ("conf/dedup-corpus.toml", "conf/fineweb.toml")
NAMES = ("texts.parquet", "texts.jsonl.zst", "texts.jsonl.gz", "texts.jsonl")


@dataclass(frozen=True)
class Spent:
    """CPU seconds, and what was read or measured in them: rows, and bytes of text."""

    seconds: float
    rows: int
    text_bytes: int


def write_corpora(folder: Path, warc: Path) -> None:
    """Write the corpora that are not there yet."""
    if all((folder / name).exists() for name in NAMES):
        return
    folder.mkdir(parents=True, exist_ok=True)
    recipe = load_recipe(Path("conf/fineweb.toml"))
    texts = list(texts_of_warc(warc, recipe=recipe, language_model=fetch("lid.176.ftz", folder=MODELS)))
    rows = [
        {
            "text": text,
            "id": f"<urn:bench:{copy}:{nth}>",
            "url": f"http://site.example/{copy}/{nth}",
            "date": "2026-10-01T00:00:00Z",
        }
        for copy in range(COPIES)
        for nth, text in enumerate(texts)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / NAMES[0])
    lines = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
    with pa.CompressedOutputStream(str(folder / NAMES[1]), "zstd") as out:
        out.write(lines)
    (folder / NAMES[2]).write_bytes(gzip.compress(lines, compresslevel=6, mtime=0))
    (folder / NAMES[3]).write_bytes(lines)


def read(path: Path) -> Spent:
    """Read a corpus as a worker does."""
    worker, began, rows, size = read_files((FileRange(str(path), 0),), "BENCH", CorpusColumns()), time.process_time(), 0, 0
    for batch in worker(iter([pa.record_batch({"id": pa.array([0], pa.int64())})])):
        document = batch.column("document")
        rows += len(document) - document.null_count
        size += document.field("text").nbytes
    return Spent(time.process_time() - began, rows, size)


def measure(path: Path, recipe_path: Path, *, language_model: ModelFile) -> Spent:
    """Annotate the first copy of the texts as a recipe says."""
    settings = load_recipe(recipe_path).of(ANNOTATE)
    asked = {"quality": bool(settings.quality), "pii": settings.pii, "minhash": settings.minhash is not None}
    made = AnnotateSettings(
        language_model=language_model.path,
        language_sha256=language_model.sha256,
        line_edits=settings.line_edits,
        sets=tuple(name for name in BY_NAME if asked.get(name, True)),
    )
    table = pq.read_table(path, columns=["id", "text"])
    table = table.slice(0, table.num_rows // COPIES).combine_chunks()
    annotator = annotate(made)
    list(annotator(iter([pa.record_batch([["warm"], ["Load the models and the vocabulary."]], names=["id", "text"])])))
    began = time.process_time()
    for batch in table.to_batches(max_chunksize=256):
        list(annotator(iter([batch])))
    texts = sum(len(text.encode()) for text in table.column("text").to_pylist())
    return Spent(time.process_time() - began, table.num_rows, texts)


def main() -> None:
    """Write the corpora, and print what a core reads and annotates in a second and in an hour."""
    folder, warc = Path(sys.argv[1]), Path(sys.argv[2])
    write_corpora(folder, warc)
    print(f"| work | rows | MB of file | MB of text | rows/s/core | MB of text in a core-hour |\n|{'---|' * 6}")
    model = fetch("lid.176.ftz", folder=MODELS)
    done = [(f"read {name}", folder / name, read(folder / name)) for name in NAMES]
    done += [
        (f"annotate by {recipe}", folder / NAMES[0], measure(folder / NAMES[0], Path(recipe), language_model=model))
        for recipe in RECIPES
    ]
    for work, path, spent in done:
        size = f"{path.stat().st_size / (1 << 20):,.0f}" if work.startswith("read") else "—"
        megabytes = spent.text_bytes / (1 << 20)
        print(
            f"| {work} | {spent.rows:,} | {size} | {megabytes:,.0f} | {spent.rows / spent.seconds:,.0f} | "
            f"{3600 * megabytes / spent.seconds:,.0f} |"
        )


if __name__ == "__main__":
    main()
