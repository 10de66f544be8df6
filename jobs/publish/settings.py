"""[publish]: what the product's files look like."""

from pydantic import Field

from jobs.recipe.section import Positive, Section


class Publish(Section):
    """Say what the product's files look like."""

    file_mb: Positive = Field(256, description="target size of a Parquet file, uncompressed text")
    annotations: bool = Field(
        False, description="also write what became of every capture, as a table that joins Common Crawl's columnar index"
    )
    columns: tuple[str, ...] = Field(
        ("title", "domain", "quality_score", "opt_out", "licence"),
        description="columns of documents and signals, and dedup's, that follow FineWeb's",
    )
