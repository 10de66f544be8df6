"""Vectors as they are stored: unit vectors of half-precision floats, one binary value a document."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

STORED = np.dtype("<f2")
Vectors = npt.NDArray[np.float32]  # (documents, width)


def packed(vectors: Vectors) -> list[bytes]:
    """Return each row of (documents, width) as width × 2 bytes: its unit vector as little-endian float16.

    A row of zeros stays zeros: it has no direction. The rows are scaled in float32 first, so no value overflows.

    >>> len(packed(np.ones((1, 4), dtype=np.float32))[0])
    8
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    return [row.tobytes() for row in unit.astype(STORED)]


def unpacked(stored: Sequence[bytes]) -> Vectors:
    """Return stored vectors as unit vectors in float32, shape (documents, width); (0, 0) for none.

    Rounding to half precision moves a vector's length by some 1e-4, so the rows are scaled again.
    Raises ValueError if the vectors are not all of one width.

    >>> unpacked(packed(np.array([[3, 4]], dtype=np.float32))).round(2).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    if not stored:
        return np.zeros((0, 0), dtype=np.float32)
    sizes = {len(one) for one in stored}
    if len(sizes) > 1:
        raise ValueError(
            f"vectors of {' and '.join(str(size // STORED.itemsize) for size in sorted(sizes))} numbers cannot be compared"
        )
    rows = np.frombuffer(b"".join(stored), dtype=STORED).reshape(len(stored), -1).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)
