"""[select] and [prices]: which records the columnar index chooses, and by what a run is priced before it starts."""

from pydantic import Field

from jobs.recipe.section import Section


class Select(Section):
    """Read only the records that a SQL predicate over Common Crawl's columnar index chooses; leave the section out to read all."""

    index: tuple[str, ...] = Field(
        min_length=1, description="Parquet of the index, as Spark reads it: a crawl's …/crawl=…/subset=warc/, folders or files"
    )
    where: str = Field(min_length=1, description="Spark SQL over the index's columns; records for which it is true are read")
    gap_mb: float = Field(
        8.0, ge=0, description="between chosen records, a gap no larger is read through; a larger one costs a new request"
    )


class Prices(Section):
    """Price a run in `gristmill plan`; the defaults are dollars in Common Crawl's region, us-east-1."""

    core_hour: float = Field(0.05, ge=0, description="a core for an hour, its memory included")
    per_1000_requests: float = Field(0.0004, ge=0, description="GET requests: S3 Standard's price")
    per_gb: float = Field(0.0, ge=0, description="bytes read; nothing within the region, more where they leave it")
