"""The semantic stage over small corpora: against a plain computation, however the work is cut, and after a kill."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.root import Root
from jobs.semantic.cards import cards
from jobs.semantic.settings import Semantic
from jobs.semantic.stage import lines, refuse_weak
from jobs.semantic.story import story
from tests.dedup.small_root import write_json
from tests.semantic.small_root import Doc, context, semantic, write_root
from tests.vectors.test_kmeans import blobs
from tests.vectors.test_semdedup import oracle
from udfs.vectors.grid import on_grid
from udfs.vectors.half import packed
from udfs.vectors.kmeans import assign_grid, fit_grid

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WORDS = ("harbour ship captain", "kitchen recipe onion", "planet orbit telescope")
SETTINGS: dict[str, Any] = {
    "clusters": 6,
    "iterations": 5,
    "sample": 1000,
    "duplicates": {"min_cosine": 0.93, "order": "farthest"},
    "prototypes": {"keep": 0.5},
}


def corpus(count: int = 160) -> list[Doc]:
    """Make documents around a few topics: some with equal vectors, one without a vector, one whose vector is zero."""
    vectors, numbers = blobs(count, clusters=3, width=24, noise=0.25, seed=4)
    vectors[20:32] = vectors[7]
    docs = [
        Doc(f"d{n:03d}", vector, text=WORDS[topic], quality=(n * 37 % 101) / 100)
        for n, (vector, topic) in enumerate(zip(vectors, numbers.tolist(), strict=True))
    ]
    return [*docs, Doc("none", None), Doc("zero", np.zeros(24))]


def expected(docs: list[Doc], *, clusters: int, min_cosine: float, keep: float) -> dict[str, tuple[Any, ...]]:
    """Say what becomes of each document: reason, witness and cluster, by one process without blocks or Spark."""
    found: dict[str, tuple[Any, ...]] = {"none": ("no_vector", None, None), "zero": ("no_vector", None, None)}
    vectors = {doc.id: packed(np.array([doc.vector], dtype=np.float32))[0] for doc in docs if doc.id not in found}
    ties = {name: _hash(name, "1") for name in vectors}
    firsts: dict[bytes, str] = {}
    for name in sorted(vectors, key=lambda name: (ties[name], name)):
        firsts.setdefault(vectors[name], name)
    names = sorted(firsts.values())
    grid = on_grid(np.stack([np.frombuffer(vectors[name], "<f2") for name in names]))
    centroids = fit_grid(grid, clusters=clusters, iterations=5, seed=1)
    cluster, cosine = assign_grid(grid, on_grid(centroids))
    gone: dict[str, str] = {}
    for number in range(len(centroids)):
        mine = np.flatnonzero(cluster == number).tolist()
        mine.sort(key=lambda at: (cosine[at], ties[names[at]], names[at]))
        for at, (by, _) in zip(mine, oracle(grid[mine], min_cosine=min_cosine, rule="survivors"), strict=True):
            if by >= 0:
                gone[names[at]] = names[mine[by]]
                found[names[at]] = ("semantic_duplicate", names[mine[by]], int(cluster[at]))
    left = [at for at, name in enumerate(names) if name not in gone]
    again = fit_grid(grid[left], clusters=clusters, iterations=5, seed=1)
    second, distance = assign_grid(grid[left], on_grid(again))
    order = sorted(range(len(left)), key=lambda at: (distance[at], ties[names[left[at]]], names[left[at]]))
    for place, at in enumerate(order):
        reason = None if place < math.floor(len(left) * keep + 0.5) else "prototype"
        found[names[left[at]]] = (reason, None, int(second[at]) + len(centroids))
    for name, vector in vectors.items():
        if (first := firsts[vector]) != name:
            found[name] = ("semantic_duplicate", gone.get(first, first), found[first][2])
    return found


def _hash(name: str, seed: str) -> int:
    """Hash as Spark's xxhash64 does: a string, then an int of four bytes, each with the hash before it as its seed; signed."""
    import xxhash

    first = xxhash.xxh64_intdigest(name.encode(), seed=42)
    found = xxhash.xxh64_intdigest(int(seed).to_bytes(4, "little"), seed=first)
    return (found + 2**63) % 2**64 - 2**63


@pytest.mark.spark
def test_decisions_are_those_of_one_process_however_the_work_is_cut(spark: "SparkSession", tmp_path: Path) -> None:
    docs = corpus()
    wanted = expected(docs, clusters=6, min_cosine=0.93, keep=0.5)
    assert {reason for reason, _, _ in wanted.values()} == {None, "semantic_duplicate", "prototype", "no_vector"}
    made = []
    for chunks in (1, 4, 16):
        write_root(tmp_path / str(chunks), docs, chunks=chunks)
        made.append(semantic(Root(spark, str(tmp_path / str(chunks))), SETTINGS))
    found = {name: (row["reason"], row["duplicate_of"], row["cluster"]) for name, row in made[0].items()}
    assert found == wanted
    assert made[0] == made[1] == made[2]
    clusters = Root(spark, str(tmp_path / "1")).table("clusters/semantic").collect()
    assert sum(row["kept"] for row in clusters if row["clustering"] == 2) == sum(
        row["outcome"] == "kept" for row in made[0].values()
    )
    labels = {row["label"] for row in clusters if row["documents"] > 1}
    assert labels and all(any(word in str(label) for words in WORDS for word in words.split()) for label in labels)
    told(context(Root(spark, str(tmp_path / "1")), SETTINGS), made[0])


def told(given: Context, found: dict[str, dict[str, Any]]) -> None:
    """Look at what explain and the report say of a finished stage."""
    gone = next(name for name, row in found.items() if row["reason"] == "semantic_duplicate" and row["cosine"] < 1)
    lines = list(story(given, gone, "00000"))
    assert lines[0].startswith(f"semantic  dropped, semantic_duplicate: cluster {found[gone]['cluster']} (")
    assert lines[1] == f"  cosine {found[gone]['cosine']:.4f} to {found[gone]['duplicate_of']}, which the rule kept"
    assert list(story(given, "none", "00000")) == ["semantic  failed, no_vector"]
    shown = {card.title: card.rows for card in cards(given)}
    assert sum(int(str(row[1])) for row in shown["Semantic outcomes"]) == len(found)
    assert sum(int(str(row[1])) for row in shown["Distance to the centroid"]) == len(found) - 2
    assert len(shown["Largest clusters"]) > 6


class KilledError(RuntimeError):
    """Stand for a kill between two steps."""


@pytest.mark.spark
def test_a_run_that_is_killed_goes_on_with_the_step_it_was_in(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_root(tmp_path / "root", corpus(), chunks=2)
    root = Root(spark, str(tmp_path / "root"))
    settings = SETTINGS | {"max_cluster_size": 25, "duplicates": {"keep": 0.6, "rule": "greedy", "order": "quality"}}
    whole, write = semantic(root, settings), Root.write_json
    root.delete("semantic")
    made, deadly = [], ["first-centroids.json", "gone.json", "second.json"]

    def write_or_die(root: Root, relative: str, value: dict[str, Any]) -> None:
        name = relative.split("/", 2)[2]
        if name in deadly:
            deadly.remove(name)
            raise KilledError
        write(root, relative, value)
        made.append(name)

    monkeypatch.setattr(Root, "write_json", write_or_die)
    for _ in range(3):
        with pytest.raises(KilledError):
            semantic(root, settings)
    assert semantic(root, settings) == whole
    steps = ["pool", "equal", "first-centroids", "first", "first-part-centroids", "first-parts", "threshold", "gone", "recall"]
    assert made == [f"{name}.json" for name in (*steps, "second-centroids", "second", "prototypes/order")]
    kept = sum(row["reason"] not in ("semantic_duplicate", "no_vector") for row in whole.values())
    assert abs(kept / 160 - 0.6) < 0.05  # the search looks at all clusters of so few documents
    stage = context(root, settings).stage("semantic")
    assert stage.facts is not None
    assert stage.facts(context(root, settings).job(stage))["recall"]["probes"] > 100


@pytest.mark.spark
def test_each_order_keeps_what_it_says_and_a_share_of_each_cluster_stays(spark: "SparkSession", tmp_path: Path) -> None:
    near = [Doc("a", [1, 0.1], quality=0.1), Doc("b", [1, 0.12], quality=None), Doc("c", [1, 0.5], quality=0.9)]
    others = [Doc("outside", [1, 0.1]), Doc("unknown", [1, 0.1])]
    write_root(tmp_path, [*near, Doc("d", [-1, 0]), Doc("e", [-0.3, -1]), Doc("f", [-1, -0.55]), *others])
    root = Root(spark, str(tmp_path))
    found = semantic(root, {"clusters": 2, "seed": 2, "duplicates": {"min_cosine": 0.9, "order": "nearest"}})
    assert [name for name in "abc" if found[name]["outcome"] == "kept"] == ["b"]
    duplicates = {"min_cosine": 0.9, "order": "quality"}
    meant = {"where": "CASE id WHEN 'outside' THEN false WHEN 'unknown' THEN NULL ELSE true END"}
    settings = {**meant, "clusters": 2, "seed": 2, "duplicates": duplicates, "prototypes": {"keep": 0.5, "scope": "cluster"}}
    found = semantic(root, settings)
    apart = [found.pop(name) for name in ("outside", "unknown")]
    assert [(row["outcome"], row["reason"]) for row in apart] == [("kept", None), ("failed", "no_vector")]
    assert {name: row["duplicate_of"] for name, row in found.items()} == {**dict.fromkeys("cdef"), "a": "c", "b": "c"}
    for cluster in (2, 3):  # numbered after those of the first clustering
        mine = sorted((row["distance_to_centroid"], row["outcome"]) for row in found.values() if row["cluster"] == cluster)
        stay = math.floor(len(mine) / 2 + 0.5)
        assert [outcome for _, outcome in mine] == ["dropped"] * (len(mine) - stay) + ["kept"] * stay


@pytest.mark.parametrize(
    ("embedding", "says"),
    [
        ({"teacher": "t", "pearson": 0.43, "neighbours": 0.3}, "r = 0.43"),
        ({"teacher": "t", "pearson": 0.8, "neighbours": 0.7}, None),
        (None, "hold no vectors"),
    ],
)
def test_vectors_that_are_too_weak_drop_nothing(embedding: dict[str, Any] | None, says: str | None, tmp_path: Path) -> None:
    write_json(tmp_path / "signals/_stage.json", {"stage": "annotate", "sets": {}, "embedding": embedding})
    root = Root(None, str(tmp_path))
    for settings in ({"duplicates": {"min_cosine": 0.9}}, {}):
        given = context(root, settings)
        job = given.job(given.stage("semantic"))
        if says is None or not settings:
            refuse_weak(job)
        else:
            with pytest.raises(RecipeError, match=says):
                refuse_weak(job)


@pytest.mark.parametrize("duplicates", [{}, {"min_cosine": 0.9, "keep": 0.5}, {"keep": 0}, {"min_cosine": 1.1}])
def test_duplicates_need_one_threshold(duplicates: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Semantic.model_validate({"duplicates": duplicates})


def test_minilm_over_all_languages_is_warned_of() -> None:
    """MiniLM is the model that [annotate.embedding] has unless it names another."""
    for where, warned in ((None, True), ("language = 'en'", False)):
        given = context(Root(None, "/nowhere"), {"duplicates": {"min_cosine": 0.9}, "where": where}, embedding={})
        assert bool(lines(given.job(given.stage("semantic")))) == warned
    given = context(Root(None, "/nowhere"), {"duplicates": {"min_cosine": 0.9}})
    assert lines(given.job(given.stage("semantic"))) == []
