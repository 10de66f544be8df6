"""Reads the texts of local files: Parquet and JSON lines with a column `text`, or plain files with a text a line; gzip or not."""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.engine.errors import RefusedError

KINDS = ("parquet", "jsonl", "txt")


class TextFileError(RefusedError):
    """A file of texts that is not there, cannot be read, or is in another format."""


def files_of(paths: Sequence[str]) -> list[Path]:
    """List the files that paths name, sorted; a folder stands for the files of these formats in it, at any depth.

    Raises TextFileError for a path without any.
    """
    found: set[Path] = set()
    for path in map(Path, paths):
        mine = [one for one in path.rglob("*") if kind_of(one) in KINDS and one.is_file()] if path.is_dir() else [path]
        if not mine or not mine[0].is_file():
            raise TextFileError(f"{path} is no file, and no folder with .parquet, .jsonl or .txt files. Correct the path")
        if kind_of(mine[0]) not in KINDS:
            raise TextFileError(f"{path} is in no format that can be read. Give .parquet, .jsonl or .txt, with .gz or not")
        found.update(mine)
    return sorted(found)


def texts_of(file: Path) -> Iterator[str]:
    """Yield the texts of a file; null is passed over. Raises TextFileError for one that cannot be read."""
    try:
        for row in _rows(file):
            if row is not None:
                yield str(row)
    except KeyError:
        raise TextFileError(f"{file} has no column 'text', so it has no texts to read. Rename the column") from None
    except TypeError:
        raise TextFileError(
            f"{file} has a line that is no object with a key 'text', so it cannot be read. Mend that line"
        ) from None
    except (OSError, EOFError, ValueError, zlib.error, pa.ArrowException) as error:
        raise unreadable(file, error) from None


def unreadable(file: Path, error: Exception) -> TextFileError:
    """Say that a file is broken."""
    return TextFileError(f"{file} cannot be read ({error}), so nothing rests on it. Mend it, or leave it out")


def kind_of(file: Path) -> str:
    """Return a file's format by its name: parquet, jsonl, tsv, txt or another word.

    >>> kind_of(Path("a.jsonl.gz"))
    'jsonl'
    """
    return file.name.removesuffix(".gz").rpartition(".")[2]


def _rows(file: Path) -> Iterator[str | None]:
    if kind_of(file) == "parquet":
        with pq.ParquetFile(file) as parquet:
            if "text" not in parquet.schema_arrow.names:
                raise KeyError("text")
            for batch in parquet.iter_batches(batch_size=1024, columns=["text"]):
                yield from batch.column("text").to_pylist()
        return
    with opened(file) as lines:
        for line in lines:
            if kind_of(file) == "txt":
                yield line.rstrip("\n")
            elif not line.isspace():
                yield json.loads(line)["text"]


def opened(file: Path) -> IO[str]:
    """Open a file of lines as UTF-8, with a mark of byte order or none, gzip or not."""
    # newline="\n": a text may hold \r, \x0b or \u2028, which end no line here
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="\n")
    return file.open(encoding="utf-8-sig", newline="\n")
