"""The layout's parts against plain definitions: neighbours by brute force, components by numpy's SVD, topics that stay together."""

import numpy as np
import pytest

from udfs.vectors import neighbours
from udfs.vectors.half import Vectors
from udfs.vectors.hashed_words import hashed_words
from udfs.vectors.layout import layout
from udfs.vectors.neighbours import nearest
from udfs.vectors.principal import principal


def topics(count: int, *, number: int = 12, width: int = 16, noise: float = 0.4) -> tuple[Vectors, np.ndarray]:
    random = np.random.default_rng(1)
    topic = random.integers(0, number, count)
    vectors = random.normal(size=(number, width))[topic] + noise * random.normal(size=(count, width))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32), topic


def brute_force(vectors: Vectors, count: int) -> np.ndarray:
    distances = ((vectors[:, None].astype(np.float64) - vectors[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return np.asarray(np.argsort(distances, axis=1, kind="stable")[:, :count])


def test_neighbours_of_few_are_exact() -> None:
    vectors, _ = topics(300)
    places, squares = nearest(vectors, 5, seed=1)
    assert (places == brute_force(vectors, 5)).mean() > 0.999  # float32 may swap two at the same distance
    assert np.allclose(squares, ((vectors[:, None] - vectors[places]) ** 2).sum(axis=2), atol=1e-5)


def test_neighbours_of_many_are_nearly_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "EXACT", 100)
    vectors, _ = topics(2_000)
    found, right = nearest(vectors, 5, seed=1)[0], brute_force(vectors, 5)
    assert np.mean([len(set(a) & set(b)) / 5 for a, b in zip(found.tolist(), right.tolist(), strict=True)]) > 0.9
    assert (found != np.arange(2_000)[:, None]).all()


def test_equal_vectors_are_neighbours_of_one_another() -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32), 4, axis=0)
    places, squares = nearest(vectors, 3, seed=1)
    assert (places // 4 == np.arange(12)[:, None] // 4).all() and squares.max() < 1e-6


def test_principal_components_are_those_of_the_singular_value_decomposition() -> None:
    vectors, _ = topics(200)
    centred = (vectors - vectors.mean(axis=0)).astype(np.float64)
    _, values, directions = np.linalg.svd(centred, full_matrices=False)
    found = principal(vectors, 3)
    assert np.allclose(np.abs(found), np.abs(centred @ directions[:3].T), atol=1e-4)
    assert np.allclose((found**2).sum(axis=0), values[:3] ** 2, rtol=1e-3)


def test_topics_stay_together_in_the_plane_and_the_seed_decides() -> None:
    vectors, topic = topics(600)
    plane = layout(vectors, seed=1)
    assert np.array_equal(plane, layout(vectors, seed=1)) and not np.array_equal(plane, layout(vectors, seed=2))
    assert (topic[brute_force(plane, 1)[:, 0]] == topic).mean() > 0.95


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_few_vectors_have_places(count: int) -> None:
    plane = layout(topics(10)[0][:count], seed=1)
    assert plane.shape == (count, 2) and np.isfinite(plane).all()


def test_vectors_that_are_all_equal_have_places() -> None:
    assert np.isfinite(layout(np.full((20, 4), 0.5, dtype=np.float32), seed=1)).all()


def test_texts_with_common_rare_words_are_alike() -> None:
    vectors = hashed_words(["the red wine", "the old wine", "the fast car", "the slow car", "", "unheard"])
    products = vectors @ vectors.T
    assert products[0, 1] > 0.5 and products[2, 3] > 0.5 and abs(products[0, 2]) < 0.3
    assert not vectors[4:].any()
