"""A file that has the labels of a fastText classifier and nothing else: what is checked before any work reads no more."""

import struct
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path


@lru_cache
def labels_file(labels: Sequence[str]) -> str:
    """Write a header and a dictionary of labels, and return the path. Layout: fastText src/fasttext.cc, dictionary.cc."""
    header = struct.pack("<2i12id", 793712314, 12, *[0] * 7, 3, *[0] * 4, 0.0)
    entries = b"".join(f"__label__{label}".encode() + b"\0" + struct.pack("<qb", 1, 1) for label in labels)
    path = Path(tempfile.mkdtemp(prefix="labels-")) / "labels.bin"
    path.write_bytes(header + struct.pack("<3iqq", len(labels), 0, len(labels), len(labels), -1) + entries)
    return str(path)
