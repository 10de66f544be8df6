"""The tables of the passages that were cut: a decision for each document, and the edits of those that lose some."""

import pyarrow as pa

from jobs.engine.tables import Table
from udfs.edits.edited_batches import MERGED_SCHEMA

DECISIONS = Table(
    "decisions/passages",
    pa.schema(
        [
            *((name, pa.string()) for name in ("id", "outcome", "reason")),
            *((name, pa.int64()) for name in ("removed_characters", "ngrams_seen", "ngrams")),
        ]
    ),
)
EDITS = Table("edits/passages", pa.schema([field for field in MERGED_SCHEMA if field.name != "chunk"]))
