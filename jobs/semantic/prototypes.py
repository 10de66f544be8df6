"""SSL prototypes: of the documents that are left, those that lie nearest to the centroid of their cluster go (Sorscher et al. 2022)."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.engine.numbering import numbered, write_numbered
from jobs.semantic.settings import Prototypes
from jobs.semantic.work import Work


def staying(work: Work, rows: DataFrame, asked: Prototypes) -> DataFrame:
    """Return id and stays of rows with cluster and to_centroid: true for the share that is farthest, of all or of each cluster.

    Equal distances go by the hash of the id, then by the id. Of a share that is no whole number of documents a half is rounded up.
    """
    farthest = [F.col("to_centroid"), F.col("tie"), F.col("id")]
    if asked.scope == "cluster":
        place = F.row_number().over(Window.partitionBy("cluster").orderBy(*farthest))
        size = F.count("*").over(Window.partitionBy("cluster"))
        return rows.select("id", (place <= F.floor(size * F.lit(asked.keep) + 0.5)).alias("stays"))
    count = write_numbered(
        work.root, work.step("prototypes"), ordered=rows.select("id", "to_centroid", "tie").orderBy(*farthest)
    )
    stays = F.col("nr") < F.lit(int(count * asked.keep + 0.5))
    return numbered(work.root, work.step("prototypes")).select("id", stays.alias("stays"))
