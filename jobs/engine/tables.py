"""Tables below a root: where each lies, its columns, and whether it is cut by chunk."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql.types import StructType


@dataclass(frozen=True)
class Table:
    """Name a Parquet table. One that is cut by chunk has a folder chunk=… for each chunk with rows, and so a column `chunk`."""

    path: str
    schema: pa.Schema
    by_chunk: bool = True

    @cached_property
    def types(self) -> "StructType":
        """Return the columns as Spark's, without `chunk`."""
        from pyspark.sql.pandas.types import from_arrow_schema

        return from_arrow_schema(self.schema)


# Whatever the last deciding stage before this one kept: id and chunk. Which table that is depends on the recipe.
KEPT = Table("decisions", pa.schema([("id", pa.string())]))
# What annotate measured, the sets of signals put together; see signal_sets.
SIGNALS = Table("signals", pa.schema([("id", pa.string()), ("error", pa.string())]))
