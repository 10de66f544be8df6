"""Shingles of candidates: the exact sets behind the signatures, made for those documents that need a verdict, and compared."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from udfs.edits.edit_batches import edit_text
from udfs.edits.row_error import row_error
from udfs.signals import c4, c4_reference, refinedweb
from udfs.similarity.minhash import shingle_hashes

# a set is the bytes of its sorted int64 hashes: to Spark and Parquet one value, a third of the time of a list
SHINGLE_SCHEMA = pa.schema([("class", pa.int64()), ("shingles", pa.binary()), ("error", pa.string())])
COMPARED_SCHEMA = pa.schema([*((name, pa.int64()) for name in ("a", "b", "common", "n_a", "n_b")), ("lsh", pa.bool_())])
LINE_EDITS = (c4.KIND, c4_reference.KIND, *refinedweb.KINDS)  # the edits that were applied before the signature was made

Set = npt.NDArray[np.int64]


def shingle_batches(ngram: int) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return the function that turns batches of class, text, edits into batches of SHINGLE_SCHEMA.

    A row that raises has an `error` and no shingles. Its document cannot be compared, so whoever lets it pass must say so: it has
    failed.
    """
    return _Shingler(ngram)


class _Shingler:
    """Hold the shingle's width, in a form that Spark can ship to workers."""

    def __init__(self, ngram: int) -> None:
        self.ngram = ngram

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = zip(batch.column("text").to_pylist(), batch.column("edits").to_pylist(), strict=True)
            made = [self._guarded(text, edits) for text, edits in rows]
            sets = pa.array([shingles for shingles, _ in made], pa.binary())
            errors = pa.array([error for _, error in made], pa.string())
            yield pa.record_batch([batch.column("class"), sets, errors], schema=SHINGLE_SCHEMA)

    def _guarded(self, text: str, edits: list[dict[str, object]] | None) -> tuple[bytes | None, str | None]:
        try:
            return self._bytes(text, edits), None
        except Exception as error:
            return None, row_error(error)

    def _bytes(self, text: str, edits: list[dict[str, object]] | None) -> bytes:
        measured = edit_text(text, [edit for edit in edits or () if edit["kind"] in LINE_EDITS])
        return np.sort(shingle_hashes(measured, self.ngram).view(np.int64)).tobytes()


def compare_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Turn batches of a, b, lsh and their shingles s_a, s_b into batches of COMPARED_SCHEMA; of a set that is null nothing is known."""
    for batch in batches:
        sets = [[_set_or_none(value) for value in batch.column(name)] for name in ("s_a", "s_b")]
        common = [
            None if left is None or right is None else count_common(left, right) for left, right in zip(*sets, strict=True)
        ]
        sizes = [pa.array([None if found is None else len(found) for found in side], pa.int64()) for side in sets]
        columns = [batch.column("a"), batch.column("b"), pa.array(common, pa.int64()), *sizes, batch.column("lsh")]
        yield pa.record_batch(columns, schema=COMPARED_SCHEMA)


def _set_or_none(value: pa.BinaryScalar) -> Set | None:
    return as_set(value.as_buffer()) if value.is_valid else None


def as_set(value: bytes) -> Set:
    """Read a set from its bytes, without a copy."""
    return np.frombuffer(value, np.int64)


def count_common(left: Set, right: Set) -> int:
    """Count the values that two sorted sets share."""
    if len(left) > len(right):
        left, right = right, left
    if not len(left):
        return 0
    places = np.searchsorted(right, left)
    places[places == len(right)] = 0  # beyond the last, which cannot be equal: any place that is there will do
    return int(np.count_nonzero(right[places] == left))
