"""The table of dedup's decisions."""

import pyarrow as pa

from jobs.engine.tables import Table

DECISIONS = Table(
    "decisions/dedup",
    pa.schema(
        [
            *((name, pa.string()) for name in ("id", "outcome", "reason", "duplicate_of")),
            ("similarity", pa.float64()),
            ("duplicate_dump", pa.string()),
            ("group_id", pa.string()),
            ("group_size", pa.int64()),
        ]
    ),
)
