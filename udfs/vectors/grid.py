"""Unit vectors on a grid of whole numbers, so that every cosine is exact: the same on any machine, in any block, in any order of sums.

A float product depends on the order of its sums, and that order depends on the BLAS, its threads and the shape of a block. Whole numbers
that stay below 2^24 have exact sums in float32, whatever the order. A vector of length 4096 has whole components, and by Cauchy-Schwarz no
partial sum of a product of two passes 4096² = 2^24. So the fast float32 product is exact. Rounding moves a cosine by some 1e-4.
"""

import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.int16]  # (rows, width)
LENGTH = 4096  # 2^12: the product of two such lengths is 2^24, up to which float32 has every whole number
ROWS = 4096  # that are scaled at once


def on_grid(vectors: npt.NDArray[np.floating]) -> Grid:
    """Return vectors, shape (rows, width), as whole numbers of a length of at most 4096; zeros stay zeros.

    A vector's own length does not count. Raises ValueError for a number that is not finite.

    >>> on_grid(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[2457, 3275], [0, 0]]
    """
    width = vectors.shape[1]
    length = LENGTH - 1 - np.sqrt(width) / 2  # rounding makes a vector longer by half the diagonal of a cell at most
    found = np.empty(vectors.shape, dtype=np.int16)
    for start in range(0, len(vectors), ROWS):
        rows = vectors[start : start + ROWS].astype(np.float64)
        if not np.isfinite(rows).all():
            raise ValueError("a vector has a number that is not finite, so it has no direction")
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        found[start : start + ROWS] = np.rint(rows * (length / np.where(norms > 0, norms, 1)))
    return found


def products(left: npt.NDArray[np.float32], right: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the exact dot products of two blocks of grid vectors, given as float32: shape (rows of left, rows of right)."""
    return np.asarray(left @ right.T, dtype=np.float32)


def squared_lengths(grid: Grid) -> npt.NDArray[np.float64]:
    """Return the exact squared length of each row: at most 2^24, so a product of two is exact in float64 as well.

    >>> squared_lengths(np.array([[3, 4], [0, 0]], dtype=np.int16)).tolist()
    [25.0, 0.0]
    """
    rows = grid.astype(np.int32)
    return np.asarray(np.einsum("ij,ij->i", rows, rows), dtype=np.float64)


def cosines(
    product: npt.NDArray[np.float32], left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return cosines of dot products and of squared lengths that broadcast with them; 0 where a vector is zero, 1 for equal vectors."""
    both = left * right
    return np.asarray(np.where(both > 0, product / np.sqrt(np.where(both > 0, both, 1)), 0.0), dtype=np.float64)
