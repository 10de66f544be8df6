"""The tables of publish beside the product."""

import pyarrow as pa

from jobs.engine.tables import Table

FAILED = Table("failed/publish", pa.schema([("id", pa.string()), ("error", pa.string())]))  # whose edits could not be applied
