"""MosaicML's MDS, version 2: a shard of samples behind the table of their offsets, and the entry of the index that names it.

mosaicml/streaming streaming/base/format/mds: the columns are `document_ends`, of the samples' own length, and `tokens`.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from udfs.token_files.format import Shape, Tokens

SIZE_LIMIT = 1 << 26  # what the writer of the library notes when nobody gives it another
SHAPE_TYPES = (("<u1", 0), ("<u2", 1), ("<u4", 2))  # of an array's length, with their codes
LARGEST = 1 << 32  # bytes of a shard: offsets have four bytes


class MdsWriter:
    """Write samples into a file of their own, as the offsets that stand before them are known at the end."""

    def __init__(self, stem: Path, shape: Shape) -> None:
        self._path, self._shape = stem.with_suffix(".mds"), shape
        self._part = stem.with_suffix(".samples")
        self._file, self._sizes = self._part.open("wb"), [0]

    def add(self, tokens: Tokens, ends: Sequence[int]) -> None:
        """Append a sample: the size of its first column, and both columns."""
        column = _array(np.asarray(ends, "<i4"))
        sample = np.uint32(len(column)).tobytes() + column + tokens.tobytes()
        self._file.write(sample)
        self._sizes.append(len(sample))

    def close(self) -> Sequence[Path]:
        """Put the offsets before the samples."""
        self._file.close()
        head = json.dumps(config(self._shape), sort_keys=True).encode("utf-8")
        offsets = np.cumsum(np.asarray(self._sizes, np.int64)) + 4 + 4 * len(self._sizes) + len(head)
        if offsets[-1] >= LARGEST:
            raise ValueError(
                f"{self._path.name} would have {offsets[-1]:,} bytes, and an MDS shard has less than {LARGEST:,}: lower [pack] shard_tokens"
            )
        with self._path.open("wb") as file, self._part.open("rb") as samples:
            file.write(np.uint32(len(self._sizes) - 1).tobytes() + offsets.astype("<u4").tobytes() + head)
            shutil.copyfileobj(samples, file)
        self._part.unlink()
        return [self._path]


def _array(values: np.ndarray[Any, Any]) -> bytes:
    """Write an array whose length is its own: one dimension and the type of its length, the length, the values."""
    kind, code = next(one for one in SHAPE_TYPES if len(values) < 1 << 8 * np.dtype(one[0]).itemsize)
    return bytes([1 << 2 | code]) + np.array([len(values)], kind).tobytes() + values.tobytes()


def config(shape: Shape) -> dict[str, Any]:
    """Return what every shard says of its columns."""
    return {
        "version": 2,
        "format": "mds",
        "compression": None,
        "hashes": [],
        "size_limit": SIZE_LIMIT,
        "column_names": ["document_ends", "tokens"],
        "column_encodings": ["ndarray:int32", f"ndarray:uint{8 * shape.token_bytes}:{shape.sequence_length}"],
        "column_sizes": [None, shape.sequence_length * shape.token_bytes],
    }


def index(shards: Sequence[Mapping[str, Any]], shape: Shape) -> str:
    """Return index.json of shards that are given by name, bytes and sequences."""
    entries = [
        {
            **config(shape),
            "raw_data": {"basename": shard["name"], "bytes": shard["bytes"], "hashes": {}},
            "zip_data": None,
            "samples": shard["sequences"],
        }
        for shard in shards
    ]
    return json.dumps({"version": 2, "shards": entries}, sort_keys=True)
