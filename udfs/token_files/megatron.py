"""Megatron's .bin and .idx, byte for byte as IndexedDatasetBuilder of megatron-core 0.16.1 writes them.

A packed sequence is one document of the index. So GPTDataset, with the same sequence length, shuffles whole sequences.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from udfs.token_files.format import Shape, Tokens

MAGIC, VERSION = b"MMIDIDX\x00\x00", 1
CODES = {2: 8, 4: 4}  # of uint16, and of int32: Megatron has no code for uint32
BLOCK = 1 << 16  # sequences whose part of the index is made at once


class MegatronWriter:
    """Write tokens as they come; the index is known by the count alone, as all sequences are of one length."""

    def __init__(self, stem: Path, shape: Shape) -> None:
        self._bin, self._idx, self._shape, self._count = stem.with_suffix(".bin"), stem.with_suffix(".idx"), shape, 0
        self._file = self._bin.open("wb")

    def add(self, tokens: Tokens, ends: Sequence[int]) -> None:
        """Append the tokens."""
        self._file.write(tokens.tobytes())
        self._count += 1

    def close(self) -> Sequence[Path]:
        """Write the index: the length, the byte offset and the document of every sequence."""
        self._file.close()
        length, count = self._shape.sequence_length, self._count
        with self._idx.open("wb") as file:
            file.write(MAGIC + struct.pack("<QBQQ", VERSION, CODES[self._shape.token_bytes], count, count + 1))
            blocks = [(first, min(first + BLOCK, count)) for first in range(0, count, BLOCK)]
            for first, last in blocks:
                file.write(np.full(last - first, length, "<i4").tobytes())
            for first, last in blocks:
                file.write((np.arange(first, last, dtype="<i8") * (length * self._shape.token_bytes)).tobytes())
            for first in range(0, count + 1, BLOCK):
                file.write(np.arange(first, min(first + BLOCK, count + 1), dtype="<i8").tobytes())
        return [self._bin, self._idx]
