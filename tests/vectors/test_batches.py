"""What workers make of Arrow batches: missing vectors, places, witnesses, and the pairs that clusters part."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from udfs.vectors.assigned_batches import Assign, Divide, only_usable, read_centroids, stored_centroids
from udfs.vectors.duplicate_groups import GONE, Meet, Probes, finding, trying
from udfs.vectors.half import packed


def stored(*vectors: list[float]) -> pa.Array:
    return pa.array(packed(np.array(vectors, dtype=np.float32)), pa.binary())


def sent(value: Any) -> SimpleNamespace:
    return SimpleNamespace(value=value)


def test_a_vector_without_a_direction_is_none() -> None:
    bad = np.array([np.inf, 1], dtype="<f2").tobytes()
    vectors = pa.array([None, b"\0" * 4, b"\0\x80" * 2, bad, b"\1", *stored([1, 0]).to_pylist()], pa.binary())
    batch = pa.RecordBatch.from_arrays([pa.array(list("abcdef")), vectors], names=["id", "vector"])
    (found,) = only_usable([batch])
    assert [row is None for row in found.column("vector").to_pylist()] == [True, True, True, True, True, False]


def test_rows_come_to_the_nearest_centroid_and_to_parts_of_large_clusters() -> None:
    batch = pa.RecordBatch.from_arrays([stored([1, 0], [0, 2], [1, 1])], names=["vector"])
    centroids = np.array([[0, 1], [1, 0]], dtype=np.float32)
    (found,) = Assign(sent(centroids), first=5)([batch])
    assert found.column("cluster").to_pylist() == [6, 5, 5]
    assert [round(one, 3) for one in found.column("to_centroid").to_pylist()] == [1.0, 1.0, 0.707]
    (parts,) = Divide(sent({5: np.array([[1, 1], [0, 1]], dtype=np.float32)}))([found])
    assert parts.column("part").to_pylist() == [0, 1, 0]
    assert np.array_equal(read_centroids(stored_centroids(centroids), width=2), centroids)


def test_a_group_loses_its_duplicates_in_order_of_key_hash_and_id() -> None:
    group = pa.table(
        {
            "id": ["late", "b", "a", "far"],
            "vector": stored([1, 0.1], [1, 0], [1, 0.05], [0, 1]),
            "key": pa.array([None, 0.0, 0.0, 0.0], pa.float64()),
            "tie": [0, 1, 1, 1],
        }
    )
    found = finding(min_cosine=0.99, rule="survivors")(group)
    assert found.schema == GONE
    rows = {row["id"]: (row["duplicate_of"], row["dropped_by"], round(row["cosine"], 3)) for row in found.to_pylist()}
    assert rows == {"b": ("a", "a", 0.999), "late": ("a", "a", 0.999)}
    counts = trying(tried=[0.9, 0.9999], rule="greedy")(group)
    assert counts.to_pylist() == [{"min_cosine": 0.9, "kept": 2}, {"min_cosine": 0.9999, "kept": 4}]


def test_pairs_of_probes_are_counted_whether_or_not_they_share_a_place() -> None:
    rows = pa.table(
        {
            "id": ["a", "b", "c", "d"],
            "vector": stored([1, 0], [1, 0.01], [1, 0.02], [0, 1]),
            "cluster": pa.array([0, 0, 1, 1], pa.int32()),
            "part": pa.array([0] * 4, pa.int32()),
            "slice": pa.array([0] * 4, pa.int32()),
        }
    )
    meet = Meet(sent(Probes.of(rows.take(pa.array([0, 3])))), min_cosine=0.9)
    (found,) = meet(rows.to_batches(max_chunksize=3))
    assert found.to_pylist() == [{"probe": 0, "pairs": 2, "together": 1}]
