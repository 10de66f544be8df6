"""Measure how many documents a second one core annotates: of JSON lines with a text, or of what the recipe extracts from WARCs.

    python -m bench.signals.speed texts.jsonl.gz
    python -m bench.signals.speed crawl.warc.gz --language en --passes 5 --recipe conf/fineweb.toml

CPU time of this process alone, so that a busy machine disturbs little. In the first pass no chunk of text has been seen before,
as for a worker that has just started; the median is of the passes after it.
"""

import argparse
import gzip
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from jobs.annotate import STAGE as ANNOTATE
from jobs.engine.models import ModelFile, fetch
from jobs.extract import STAGE as EXTRACT
from jobs.extract.stage import worker_settings
from jobs.recipe.load import load_recipe
from jobs.recipe.recipe import Recipe
from udfs.documents.worker import FileRange, extract_files
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import Annotator, annotate
from udfs.signals.language import LanguageModel

BATCH = 1024  # documents handed in at once, as Spark hands in a batch


def texts_of_lines(path: Path) -> Iterator[str]:
    """Yield the texts of a file of JSON lines, plain or compressed by gzip."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from (json.loads(line)["text"] for line in lines)


def texts_of_warc(path: Path, *, recipe: Recipe, language_model: ModelFile) -> Iterator[str]:
    """Yield the texts that the recipe extracts from a WARC."""
    settings = worker_settings(recipe.of(EXTRACT), language_model=language_model)
    worker = extract_files((FileRange(str(path), 0),), settings=settings, dump="bench")
    for batch in worker(iter([pa.record_batch({"id": pa.array([0], pa.int64())})])):
        documents = [row["document"] for row in batch.to_pylist() if row["document"] is not None]
        yield from (document["text"] for document in documents if document["outcome"] == "extracted")


def pass_seconds(annotator: Annotator, batches: list[pa.RecordBatch]) -> float:
    """Annotate everything once and return the CPU seconds. Raises ValueError if a document could not be measured."""
    began = time.process_time()
    rows = list(annotator(iter(batches)))
    seconds = time.process_time() - began
    failed = sum(len(part) - part.column("error").null_count for part in rows)
    if failed:
        raise ValueError(f"{failed} documents could not be measured, so the time is not that of measuring: see their `error`")
    return seconds


def main() -> None:
    """Read the texts, annotate them in several passes, and print what a document costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+", type=Path, help="*.jsonl, *.jsonl.gz, *.warc, *.warc.gz")
    parser.add_argument("--recipe", type=Path, default=Path("conf/fineweb.toml"))
    parser.add_argument("--language", help="keep only the texts of this language")
    parser.add_argument("--passes", type=int, default=5, help="at least 2")
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    model = fetch(recipe.of(ANNOTATE).language_model, folder=Path("models"))
    texts = [
        text
        for path in arguments.inputs
        for text in (
            texts_of_lines(path) if ".jsonl" in path.suffixes else texts_of_warc(path, recipe=recipe, language_model=model)
        )
    ]
    if arguments.language:
        known = LanguageModel(model.path, sha256=model.sha256)
        texts = [text for text in texts if known.identify(text)[0] == arguments.language]
    ids = pa.array([f"<urn:bench:{number}>" for number in range(len(texts))])
    whole = pa.record_batch([ids, pa.array(texts, pa.string())], names=["id", "text"])
    batches = [whole.slice(start, BATCH) for start in range(0, len(texts), BATCH)]
    annotator = annotate(AnnotateSettings(language_model=model.path, language_sha256=model.sha256))
    pass_seconds(annotator, [pa.record_batch([["warm"], ["Load the models and the vocabulary."]], names=["id", "text"])])
    seconds = [pass_seconds(annotator, batches) for _ in range(arguments.passes)]
    print(f"{len(texts)} documents, {sum(map(len, texts)) / len(texts):.0f} characters each; {arguments.recipe}")
    print("| pass | ms a document | documents/s/core |\n|---|---|---|")
    for name, spent in (("first", seconds[0]), ("median of the others", statistics.median(seconds[1:]))):
        print(f"| {name} | {1000 * spent / len(texts):.2f} | {len(texts) / spent:.0f} |")


if __name__ == "__main__":
    main()
