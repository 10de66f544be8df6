"""Principal components: the few directions along which vectors differ most."""

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
BLOCK = 8_192  # rows at once


def principal(vectors: Vectors, width: int) -> Vectors:
    """Return vectors, centred, along their `width` first principal components: shape (n, at most width).

    Memory beside the vectors is one block and the covariance. The sign of a component is the one of its largest entry.
    """
    if not len(vectors):
        return np.zeros((0, min(width, vectors.shape[1])), dtype=np.float32)
    mean = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    covariance = np.zeros((vectors.shape[1], vectors.shape[1]), dtype=np.float64)
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK] - mean
        covariance += block.T @ block
    values, directions = np.linalg.eigh(covariance)
    first = directions[:, np.argsort(-values, kind="stable")[:width]]
    largest = first[np.abs(first).argmax(axis=0), np.arange(first.shape[1])]
    first = (first * np.where(largest < 0, -1, 1)).astype(np.float32)
    return np.concatenate([(vectors[start : start + BLOCK] - mean) @ first for start in range(0, len(vectors), BLOCK)])
