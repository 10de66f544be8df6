"""Shingle candidates for comparison: the exact sets behind the signatures, fetched for those documents that need a verdict."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa

from udfs.edit_batches import edit_text
from udfs.minhash import shingle_hashes

SHINGLE_SCHEMA = pa.schema([("class", pa.int64()), ("shingles", pa.list_(pa.int64()))])
LINE_EDITS = ("c4_lines",)  # the edits that were applied before the signature was made


def shingle_batches(ngram: int) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return the function that turns batches of class, text, edits into batches of class and sorted 64-bit shingle hashes."""
    return _Shingler(ngram)


class _Shingler:
    """Hold the shingle's width, in a form that Spark can ship to workers."""

    def __init__(self, ngram: int) -> None:
        self.ngram = ngram

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = zip(batch.column("text").to_pylist(), batch.column("edits").to_pylist(), strict=True)
            sets = [self._hashes(text, edits) for text, edits in rows]
            offsets = np.cumsum([0, *(len(s) for s in sets)], dtype=np.int32)
            values = np.concatenate(sets) if sets else np.zeros(0, np.int64)
            shingles = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values, pa.int64()))
            yield pa.record_batch([batch.column("class"), shingles], schema=SHINGLE_SCHEMA)

    def _hashes(self, text: str, edits: list[dict[str, object]] | None) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        measured = edit_text(text, [edit for edit in edits or () if edit["kind"] in LINE_EDITS])
        return shingle_hashes(measured, self.ngram).view(np.int64)
