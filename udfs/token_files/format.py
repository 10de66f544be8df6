"""What a writer of one shard is: it takes sequences one after another, and says at the end which files it has written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

FormatName = Literal["megatron", "mds", "parquet", "nanogpt", "llmc"]
Tokens = npt.NDArray[np.uint16] | npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Shape:
    """Say what every sequence of a run looks like: its length, and the bytes of a token, 2 or 4."""

    sequence_length: int
    token_bytes: int

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """Return the tokens' type, little-endian."""
        return np.dtype(f"<u{self.token_bytes}")


class ShardWriter(Protocol):
    """Write one shard. A writer holds a few megabytes, and writes the same bytes for the same sequences."""

    def add(self, tokens: Tokens, ends: Sequence[int]) -> None:
        """Write a sequence; `ends` says where each of its documents ends, the last before the padding."""

    def close(self) -> Sequence[Path]:
        """Finish the files and name them."""


class Open(Protocol):
    """Begin a shard: `stem` is the path of its files without their endings."""

    def __call__(self, stem: Path, shape: Shape) -> ShardWriter:
        """Return the writer."""


Formats = Mapping[FormatName, Open]
