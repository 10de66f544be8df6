"""A table of rows that the driver holds, made a part of Spark's plan."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType


def small_table(spark: "SparkSession", rows: Sequence[Sequence[Any]], schema: "StructType | str") -> "DataFrame":
    """Make a table of these rows, whose values stand in the order of the schema's columns.

    It goes to Spark as Arrow, so the plan holds the rows themselves. A join with a table of no rows is then no work at all.
    `spark.createDataFrame` of a list would start Python workers for each reading.
    """
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import StructType

    struct = StructType.fromDDL(schema) if isinstance(schema, str) else schema
    assert isinstance(struct, StructType)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(struct.fields)
    typed = to_arrow_schema(struct)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, typed, strict=True)]
    return spark.createDataFrame(pa.Table.from_arrays(arrays, schema=typed), struct)
