"""The tables of decontaminate: a decision for each document, with all that it holds, and the edits of those that lose words."""

import pyarrow as pa

from jobs.engine.tables import Table
from udfs.grams.held_batches import FOUND_SCHEMA, HELD

FOUND = FOUND_SCHEMA
DECISIONS = Table(
    "decisions/decontaminate",
    pa.schema(
        [
            *((name, pa.string()) for name in ("id", "outcome", "reason")),
            *(
                (f"evaluation_{name}", pa.string()) for name in ("set", "item", "field")
            ),  # the text it holds the largest share of
            ("evaluation_share", pa.float64()),
            *((f"evaluation_{name}", pa.int64()) for name in ("start", "end")),  # of the extracted text
            ("removed_characters", pa.int64()),
            ("held", HELD),
        ]
    ),
)
EDITS = Table("edits/decontaminate", pa.schema([field for field in FOUND_SCHEMA if field.name in ("id", "edits")]))
