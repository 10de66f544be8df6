"""Reads labelled texts to train on: Parquet, JSON lines, TSV or one text a line, compressed with gzip or not."""

import csv
import json
import math
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.engine.errors import RefusedError
from jobs.text_files import kind_of, opened
from udfs.models.model_file import one_line

LABEL_PREFIX = "__label__"
MAX_SCORE = 5

Example = tuple[str, str]  # label with its prefix, text as one line


class TrainError(RefusedError):
    """Examples or settings from which no classifier can be trained."""


def labelled_examples(paths: Sequence[Path]) -> Iterator[Example]:
    """Yield label and text of every row of .parquet, .jsonl or .tsv files (with a header), columns text and label."""
    for path in _files(paths):
        for number, row in enumerate(_told(path, _rows(path, ("label", "text"))), start=1):
            label = str(row["label"]) if row["label"] is not None else ""
            if not label or label.split() != [label]:
                raise TrainError(
                    f"{path} has the label {label!r} in row {number:,}: a label is one word without spaces. Correct that row"
                )
            yield LABEL_PREFIX + label.removeprefix(LABEL_PREFIX), one_line(row["text"] or "")


def scored_examples(paths: Sequence[Path]) -> Iterator[tuple[float, str]]:
    """Yield score and text of every row of .parquet, .jsonl or .tsv files, columns text and score: what an LLM gave, 0 to 5."""
    for path in _files(paths):
        for number, row in enumerate(_told(path, _rows(path, ("score", "text"))), start=1):
            try:
                score = float(row["score"]) if not isinstance(row["score"], bool) else math.nan
            except (TypeError, ValueError):
                score = math.nan
            if not 0 <= score <= MAX_SCORE:
                raise TrainError(
                    f"{path} has the score {row['score']!r} in row {number:,}: a score is a number from 0 to {MAX_SCORE}. Correct that row, "
                    f"or leave it out"
                )
            yield score, one_line(row["text"] or "")


def corpus_examples(paths: Sequence[Path], *, label: str) -> Iterator[Example]:
    """Yield every text of .txt files (one a line) or of Parquet, .jsonl or .tsv files (column text), under one label.

    A folder stands for the Parquet files in it, at any depth: a corpus of ours is one.
    """
    for path in _files(paths):
        for row in _told(path, _rows(path, ("text",))):
            yield label, one_line(row["text"] or "")


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        found = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        if not found or not path.exists():
            what = "holds no Parquet file" if path.is_dir() else "does not exist"
            raise TrainError(f"{path} {what}: there is nothing to learn from it. Correct the path")
        yield from found


def _told(path: Path, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Pass rows on, and say which file cannot be read."""
    try:
        yield from rows
    except UnicodeDecodeError as error:
        raise TrainError(
            f"{path} is not UTF-8 ({error.reason} at byte {error.start}): training stops. Save it as UTF-8"
        ) from None
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise TrainError(f"{path} cannot be read ({error}): training stops. Mend the file, or leave it out") from None


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    kind = kind_of(path)
    if kind == "parquet":
        yield from _parquet_rows(path, columns)
        return
    if kind not in ("jsonl", "tsv", "txt") or (kind == "txt" and "label" in columns):
        raise TrainError(f"{path} is in no format that can be read for {' and '.join(columns)}. Give .parquet, .jsonl or .tsv")
    with opened(path) as lines:
        if kind == "txt":
            yield from ({"text": line} for line in lines)
        elif kind == "tsv":
            csv.field_size_limit(sys.maxsize)
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            yield from (_checked(row, path, columns) for row in reader)
        else:
            yield from (_checked(row, path, columns) for row in _json_rows(path, lines))


def _json_rows(path: Path, lines: IO[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise TrainError(f"{path} line {number} is not JSON ({error}): training stops. Correct that line") from None
        if not isinstance(row, dict):
            raise TrainError(f"{path} line {number} is not an object with named columns. Correct that line")
        yield row


def _parquet_rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        _checked(dict.fromkeys(file.schema_arrow.names), path, columns)
        for batch in file.iter_batches(batch_size=1024, columns=list(columns)):
            yield from batch.to_pylist()


def _checked(row: dict[str, Any], path: Path, columns: tuple[str, ...]) -> dict[str, Any]:
    missing = [column for column in columns if column not in row]
    if missing:
        raise TrainError(f"{path} has no column {missing[0]!r}; it has {', '.join(map(str, row))}. Rename or add it")
    return row
