"""[extract.index_filter]: which records Common Crawl's columnar index chooses."""

from pydantic import Field

from jobs.recipe.section import Section


class IndexFilter(Section):
    """Read only the records that a SQL predicate over Common Crawl's columnar index chooses."""

    index: tuple[str, ...] = Field(
        min_length=1, description="Parquet of the index, as Spark reads it: a crawl's …/crawl=…/subset=warc/, folders or files"
    )
    where: str = Field(min_length=1, description="Spark SQL over the index's columns; records for which it is true are read")
    max_gap_mb: float = Field(
        8.0, ge=0, description="between chosen records, a gap no larger is read through; a larger one costs a new request"
    )
