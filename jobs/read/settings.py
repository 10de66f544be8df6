"""[read]: which columns of a corpus hold the text and what is known of it."""

from pydantic import Field

from jobs.recipe.columns import Columns
from jobs.recipe.section import Positive


class Read(Columns):
    """Read a corpus, Parquet or JSONL, instead of WARC files.

    Each key is a column, or several of which the first that is there counts; dots lead into nested ones. The defaults fit FineWeb,
    DCLM-baseline and Dolma as they are published.
    """

    max_row_mb: Positive = Field(32, description="longer rows become failed: too_large")
