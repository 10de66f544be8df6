"""The tables of the semantic stage: a decision for each document, and what its clusters are."""

import pyarrow as pa

from jobs.engine.tables import Table

DECISIONS = Table(
    "decisions/semantic",
    pa.schema(
        [
            *((name, pa.string()) for name in ("id", "outcome", "reason", "duplicate_of")),  # a document that the rule kept
            ("cosine", pa.float64()),  # to it
            (
                "dropped_by",
                pa.string(),
            ),  # the document that decided: another one only by the greedy rule, or for an equal vector
            ("dropped_by_cosine", pa.float64()),
            ("cluster", pa.int32()),
            ("distance_to_centroid", pa.float64()),  # 1 - cosine
        ]
    ),
)
CLUSTERS = Table(
    "clusters/semantic",
    pa.schema(
        [
            ("cluster", pa.int32()),
            ("clustering", pa.int32()),  # 1: of all documents; 2: of those that no duplicate rule dropped
            ("label", pa.string()),  # telling words, joined
            ("documents", pa.int64()),
            ("kept", pa.int64()),
            ("mean_distance", pa.float64()),
            ("centroid", pa.binary()),  # width float32, little-endian
        ]
    ),
    by_chunk=False,
)
