"""Write shards: what pack runs in Python workers over pieces of documents, sorted by shard, sequence and place."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from udfs.token_files.format import FormatName, Shape, ShardWriter
from udfs.token_files.formats import FORMATS
from udfs.tokens.shard_place import put, put_text, scratch

SPANS_FOLDER = "spans"
SPAN = pa.struct(
    [
        ("id", pa.string()),
        ("copy", pa.int32()),
        ("start", pa.int64()),  # tokens of the document, start to end,
        ("end", pa.int64()),
        ("at", pa.int32()),  # from this place of the sequence on
    ]
)
SPANS = pa.schema([("sequence", pa.int64()), ("documents", pa.list_(SPAN))])
SPANS_AT_ONCE = 10_000  # sequences of a row group
DONE = pa.schema([("shard", pa.int64()), ("sequences", pa.int64())])


class Part(NamedTuple):
    """One piece with its tokens, as Spark's rows bring it."""

    shard: int
    key: int
    buffer: int
    sequence: int
    at: int
    id: str
    copy: int
    start: int
    end: int
    tokens: bytes


@dataclass(frozen=True)
class ShardFile:
    """Name a file below packed/, with what tells whether it is whole."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class WriteShards:
    """Write the files of every shard that comes, and a marker last; `folder` is packed/ on a disk that every worker sees, or on S3.

    The parts of a shard come together and in order. A shard's files are finished elsewhere, and come to their places whole. So a task
    that is killed, or runs twice, leaves no half of a file, and the same bytes.
    """

    folder: str
    epoch: int
    formats: tuple[FormatName, ...]
    shape: Shape
    pad: int
    fingerprint: str

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield a row of DONE for each shard."""
        for shard, parts in groupby(_parts(batches), key=attrgetter("shard")):
            sequences = self._write(shard, parts)
            yield pa.RecordBatch.from_pylist([{"shard": shard, "sequences": sequences}], schema=DONE)

    def _write(self, shard: int, parts: Iterator[Part]) -> int:
        name = f"shard-{shard:05}"
        with scratch(self.folder, name) as place:
            for folder in (SPANS_FOLDER, *self.formats):
                (place / folder).mkdir()
            spans = SpanWriter(place / SPANS_FOLDER / f"{name}.parquet")
            writers: list[ShardWriter] = [FORMATS[one](place / one / name, self.shape) for one in self.formats]
            sequences = tokens = 0
            for _, together in groupby(parts, key=attrgetter("key", "buffer", "sequence")):
                documents = list(together)
                filled, ends = assembled(documents, shape=self.shape, pad=self.pad)
                for writer in writers:
                    writer.add(filled, ends)
                spans.add(documents)
                sequences, tokens = sequences + 1, tokens + ends[-1]
            written = [spans.close(), *(path for writer in writers for path in writer.close())]
            files = [asdict(self._placed(path)) for path in written]
        marker = {"fingerprint": self.fingerprint, "epoch": self.epoch, "shard": shard, "sequences": sequences}
        text = json.dumps({**marker, "tokens": tokens, "files": files}, indent=1, sort_keys=True) + "\n"
        put_text(self.folder, f"_chunks/epoch-{self.epoch}-{name}.json", text)
        return sequences

    def _placed(self, path: Path) -> ShardFile:
        name = f"epoch-{self.epoch}/{path.parent.name}/{path.name}"
        with path.open("rb") as file:
            found = ShardFile(name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
        put(self.folder, name, path)
        return found


class SpanWriter:
    """Write which documents stand in each sequence, and where."""

    def __init__(self, path: Path) -> None:
        self._path, self._count = path, 0
        self._file = pq.ParquetWriter(path, SPANS, compression="zstd")
        self._rows: list[dict[str, object]] = []

    def add(self, documents: list[Part]) -> None:
        """Append a sequence."""
        spans = [{name: getattr(part, name) for name in ("id", "copy", "start", "end", "at")} for part in documents]
        self._rows.append({"sequence": self._count, "documents": spans})
        self._count += 1
        if len(self._rows) == SPANS_AT_ONCE:
            self._flush()

    def close(self) -> Path:
        """Write what is left and finish the file."""
        self._flush()
        self._file.close()
        return self._path

    def _flush(self) -> None:
        if self._rows:
            self._file.write_table(pa.Table.from_pylist(self._rows, schema=SPANS))
            self._rows = []


def assembled(parts: list[Part], *, shape: Shape, pad: int) -> tuple[np.ndarray, list[int]]:
    """Put the parts of a sequence, in order, into their places, and fill it up with `pad`; return where each part ends, too.

    Raises ValueError if they leave a gap, overlap, or are too long: a bug in gristmill.
    """
    ends: list[int] = []
    for part in parts:
        if part.at != (ends[-1] if ends else 0) or len(part.tokens) != (part.end - part.start) * shape.token_bytes:
            raise ValueError(f"document {part.id} does not stand where it should in sequence {part.buffer}:{part.sequence}")
        ends.append(part.at + part.end - part.start)
    filled = np.full(shape.sequence_length, pad, shape.dtype)
    joined = np.frombuffer(b"".join(part.tokens for part in parts), shape.dtype)
    filled[: len(joined)] = joined
    return filled, ends


def _parts(batches: Iterable[pa.RecordBatch]) -> Iterator[Part]:
    for batch in batches:
        yield from map(Part._make, zip(*(batch.column(name).to_pylist() for name in Part._fields), strict=True))
