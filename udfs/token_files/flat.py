"""Flat files of tokens: nanoGPT's, which have nothing else, and llm.c's, which begin with a header of 256 numbers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from udfs.token_files.format import Shape, Tokens

# karpathy/llm.c dev/data/data_common.py: magic and version by the bytes of a token
LLMC = {2: (20240520, 1), 4: (20240801, 7)}
HEADER_NUMBERS = 256


class NanoGptWriter:
    """Write the tokens of all sequences, one after another."""

    def __init__(self, stem: Path, shape: Shape) -> None:
        self._path = stem.with_suffix(".bin")
        self._file = self._path.open("wb")

    def add(self, tokens: Tokens, ends: Sequence[int]) -> None:
        """Append the tokens."""
        self._file.write(tokens.tobytes())

    def close(self) -> Sequence[Path]:
        """Finish the file."""
        self._file.close()
        return [self._path]


class LlmcWriter:
    """Write the tokens behind a header, which gets their number at the end."""

    def __init__(self, stem: Path, shape: Shape) -> None:
        self._path, self._shape, self._count = stem.with_suffix(".bin"), shape, 0
        self._file = self._path.open("wb")
        self._file.write(bytes(HEADER_NUMBERS * 4))

    def add(self, tokens: Tokens, ends: Sequence[int]) -> None:
        """Append the tokens."""
        self._file.write(tokens.tobytes())
        self._count += len(tokens)

    def close(self) -> Sequence[Path]:
        """Write the header and finish the file."""
        self._file.seek(0)
        self._file.write(np.array([*LLMC[self._shape.token_bytes], self._count], "<i4").tobytes())
        self._file.close()
        return [self._path]
