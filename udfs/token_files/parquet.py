"""Parquet with a row for each sequence: its ids, or the documents that stand in it."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from udfs.token_files.format import Shape, Tokens

ROWS = pa.schema([("input_ids", pa.list_(pa.int32())), ("document_ends", pa.list_(pa.int32()))])
TOKENS_AT_ONCE = 1 << 21  # of a row group: 8 MB


class ParquetWriter:
    """Write input_ids, which readers take for integers of 32 bits, and where each document ends."""

    def __init__(self, stem: Path, shape: Shape) -> None:
        self._path = stem.with_suffix(".parquet")
        self._rows = max(1, TOKENS_AT_ONCE // shape.sequence_length)
        self._file = pq.ParquetWriter(self._path, ROWS, compression="zstd", use_dictionary=False, write_statistics=False)
        self._ids: list[Tokens] = []
        self._ends: list[Sequence[int]] = []

    def add(self, tokens: Tokens, ends: Sequence[int]) -> None:
        """Keep the sequence until there are enough for a row group."""
        self._ids.append(tokens.astype("<i4"))
        self._ends.append(list(ends))
        if len(self._ids) == self._rows:
            self._flush()

    def close(self) -> Sequence[Path]:
        """Write what is left and finish the file."""
        if self._ids:
            self._flush()
        self._file.close()
        return [self._path]

    def _flush(self) -> None:
        columns = [pa.array(self._ids, ROWS.field(0).type), pa.array(self._ends, ROWS.field(1).type)]
        self._file.write_table(pa.Table.from_arrays(columns, schema=ROWS))
        self._ids, self._ends = [], []
