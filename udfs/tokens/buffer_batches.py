"""Pack buffers of documents: what pack runs in Python workers over lengths alone, a buffer at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import pyarrow as pa

from udfs.tokens.packing import Method, pack

PIECES = pa.schema(
    [
        ("id", pa.string()),
        ("copy", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("buffer", pa.int64()),
        ("sequence", pa.int64()),  # of the buffer
        ("at", pa.int32()),
    ]
)
ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class PackBuffers:
    """Turn batches with buffer, id, copy and count, sorted by buffer, into batches of PIECES; the order within a buffer is the caller's."""

    sequence_length: int
    method: Method

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Pack one buffer after another."""
        for buffer, rows in groupby(_rows(batches), key=lambda row: row[0]):
            documents = [(str(page), int(copy), int(count)) for _, page, copy, count in rows]
            pieces = pack([count for _, _, count in documents], sequence_length=self.sequence_length, method=self.method)
            for first in range(0, len(pieces), ROWS_AT_ONCE):
                some = pieces[first : first + ROWS_AT_ONCE]
                columns = [
                    [documents[piece.document][0] for piece in some],
                    [documents[piece.document][1] for piece in some],
                    [piece.start for piece in some],
                    [piece.end for piece in some],
                    [buffer] * len(some),
                    [piece.sequence for piece in some],
                    [piece.at for piece in some],
                ]
                yield pa.RecordBatch.from_arrays(
                    [pa.array(values, field.type) for values, field in zip(columns, PIECES, strict=True)], schema=PIECES
                )


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, str, int, int]]:
    for batch in batches:
        columns = [batch.column(name).to_pylist() for name in ("buffer", "id", "copy", "count")]
        yield from zip(*columns, strict=True)
