"""K-means gives one result whatever the block, and finds clusters that are there."""

import numpy as np
import pytest

from udfs.vectors import kmeans
from udfs.vectors.grid import LENGTH, on_grid, products, squared_lengths


def blobs(count: int, *, clusters: int, width: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Make vectors around random directions; return them and the number of each one's direction."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((clusters, width))
    numbers = rng.integers(0, clusters, count)
    return (centres[numbers] + noise * rng.standard_normal((count, width))).astype(np.float32), numbers


def test_products_on_the_grid_are_exact_and_cosines_off_by_little() -> None:
    for width in (3, 96, 384, 1024):
        vectors, _ = blobs(300, clusters=3, width=width, noise=0.3)
        grid = on_grid(vectors)
        assert squared_lengths(grid).max() <= LENGTH**2
        product = products(grid.astype(np.float32), grid.astype(np.float32))
        assert np.array_equal(product.astype(np.int64), grid.astype(np.int64) @ grid.astype(np.int64).T)
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        lengths = np.sqrt(squared_lengths(grid))
        assert np.abs(product / np.outer(lengths, lengths) - unit @ unit.T).max() < 1e-3


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        on_grid(np.array([[1.0, np.nan]]))


def test_vectors_around_a_few_directions_come_into_clusters_of_their_own() -> None:
    vectors, numbers = blobs(600, clusters=5, width=48, noise=0.1)
    centroids = kmeans.fit(vectors, clusters=12, iterations=20, seed=1)
    found, cosine = kmeans.assign(vectors, centroids)
    assert centroids.shape == (12, 48)
    assert np.allclose(np.linalg.norm(centroids, axis=1), 1)
    assert cosine.min() > 0.7
    assert all(len(set(numbers[found == cluster])) <= 1 for cluster in range(12))


def test_the_size_of_a_block_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = blobs(500, clusters=7, width=33, noise=1.0)
    whole = kmeans.fit(vectors, clusters=20, iterations=6, seed=3)
    for block in (20, 377, 4096):
        monkeypatch.setattr(kmeans, "BLOCK", block)
        assert np.array_equal(kmeans.fit(vectors, clusters=20, iterations=6, seed=3), whole)
    assert not np.array_equal(kmeans.fit(vectors, clusters=20, iterations=6, seed=4), whole)


def test_the_cosines_to_the_centroids_grow_with_every_iteration() -> None:
    vectors, _ = blobs(400, clusters=4, width=16, noise=1.5)
    fits = [kmeans.fit(vectors, clusters=10, iterations=n, seed=1) for n in (1, 2, 4, 8)]
    means = [float(kmeans.assign(vectors, centroids)[1].mean()) for centroids in fits]
    assert means == sorted(means) and means[0] < means[-1]


def test_equal_vectors_and_zeros_make_no_centroids_of_their_own() -> None:
    vectors = np.array([[1, 0], [1, 0], [2, 0], [0, 0], [0, 1]], dtype=np.float32)
    assert sorted(kmeans.fit(vectors, clusters=4, iterations=3, seed=1).tolist()) == [[0, 1], [1, 0]]
    assert kmeans.fit(vectors[3:4], clusters=4, iterations=3, seed=1).shape == (0, 2)
    assert kmeans.fit(vectors[:0], clusters=4, iterations=3, seed=1).shape == (0, 2)


def test_a_cluster_that_loses_its_vectors_gets_another() -> None:
    rng = np.random.default_rng(5)
    crowd = np.array([1.0, 0.0, 0.0]) + 0.01 * rng.standard_normal((500, 3))
    vectors = np.vstack([crowd, rng.standard_normal((20, 3))]).astype(np.float32)
    centroids = kmeans.fit(vectors, clusters=60, iterations=12, seed=1)
    assert len(np.unique(kmeans.assign(vectors, centroids)[0])) > 50
