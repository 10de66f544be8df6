"""The map: the same for the same documents, topics apart, and a place for a document without a vector or a word."""

from dataclasses import replace

import numpy as np

from bench.explorer.synthetic import made_up
from jobs.explorer.data import Points
from jobs.explorer.map import PARTS, made, quantised


def of_topics() -> Points:
    points = made_up(240).points
    words = ("wine cheese bread", "engine wheel road", "violin opera singer", "goal referee league")
    texts = tuple(f"{words[at % 4]} {words[at % 4].split()[at % 3]} {at}" for at in range(240))
    return replace(points, texts=texts, embedding=None)


def test_the_same_documents_have_the_same_map() -> None:
    first, second = made(of_topics(), seed=1), made(of_topics(), seed=1)
    assert np.array_equal(first.places, second.places) and np.array_equal(first.cluster, second.cluster)
    assert (first.names, first.origin) == (second.names, "words")


def test_topics_lie_apart_and_clusters_are_named() -> None:
    map = made(of_topics(), seed=1)
    places, topic = map.places.astype(float), np.arange(240) % 4
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (topic[distances.argmin(axis=1)] == topic).mean() > 0.95
    assert all(name for name in map.names)
    assert (np.diff(np.bincount(map.cluster)) <= 0).all()


def test_a_document_without_a_vector_lies_where_its_words_are() -> None:
    points = of_topics()
    topic = np.arange(240) % 4
    vectors = np.eye(8, dtype=np.float32)[topic] + np.float32(0.01) * np.random.default_rng(1).normal(size=(240, 8)).astype(
        np.float32
    )
    vectors[:10] = 0
    map = made(replace(points, embedding=vectors), seed=1)
    assert (map.origin, map.without) == ("embedding", 10)
    middle = np.stack([np.median(map.places[10:][topic[10:] == one], axis=0) for one in range(4)])
    nearest = np.linalg.norm(map.places[:10, None] - middle[None], axis=2).argmin(axis=1)
    assert list(nearest) == list(topic[:10])


def test_a_corpus_without_words_or_documents_has_a_map() -> None:
    points = made_up(5).points
    silent = replace(points, texts=("",) * 5, titles=("",) * 5, urls=("x",) * 5, embedding=None)
    assert set(made(silent, seed=1).names) <= {""}
    empty = made(made_up(0).points, seed=1)
    assert (len(empty.places), empty.names) == (0, ())


def test_stray_documents_are_drawn_at_the_border() -> None:
    plane = np.random.default_rng(1).normal(size=(5_000, 2)).astype(np.float32)
    plane[0] = (1e6, -1e6)
    places = quantised(plane)
    assert np.abs(places.astype(int)).max() <= PARTS
    assert np.percentile(np.abs(places.astype(int)), 90) > PARTS / 3
