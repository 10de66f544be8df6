"""The table of sampling's decisions, with every step that saw the document."""

import pyarrow as pa

from jobs.engine.tables import Table

STEPS = pa.list_(pa.struct([("step", pa.string()), ("value", pa.float64()), ("cut", pa.float64()), ("copies", pa.int64())]))
DECISIONS = Table(
    "decisions/sampling",
    pa.schema(
        [
            *((name, pa.string()) for name in ("id", "outcome", "reason")),
            ("value", pa.float64()),  # what the step that dropped the document looked at
            ("cut", pa.float64()),  # and what it held that against
            ("copies", pa.int64()),
            ("steps", STEPS),
            ("bucket", pa.string()),  # the name that a step of buckets gave
        ]
    ),
)
