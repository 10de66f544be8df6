"""What was decided in each chunk, as one number: it tells whether what is written of a chunk is still right."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def digests(rows: DataFrame, columns: Sequence[str]) -> dict[str, str]:
    """Count each chunk's rows and sum their hashes, by id and these columns."""
    digest = F.sum(F.xxhash64("id", *columns).cast("decimal(38,0)")).alias("digest")
    found = rows.groupBy("chunk").agg(F.count("*").alias("n"), digest).collect()
    return {str(row["chunk"]): f"{row['n']}-{row['digest']}" for row in found}
