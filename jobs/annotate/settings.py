"""[annotate]: which models score a text, and what is measured of it."""

from typing import Literal

from pydantic import Field

from jobs.recipe.minhash import MinHash
from jobs.recipe.section import Section


class Annotate(Section):
    """Name the models and what is measured."""

    language_model: str = Field("lid.176.ftz", description="a model named in conf/models.toml, or the path of one")
    quality_model: str | None = Field(None, description="a supervised fastText model; none: no quality_score")
    quality_label: str = Field("__label__hq", description="the label whose probability is quality_score")
    line_edits: Literal["c4", "none"] = Field("c4", description="which line rules cut text before it is measured further")
    pii: bool = Field(True, description="find emails and public IP addresses and replace them in the product")
    hashed_ngrams: bool = Field(False, description="count words and pairs of words in 10,000 buckets, by which dsir chooses")
    minhash: MinHash | None = Field(None, description="signatures, by which dedup finds near-duplicates; none: not measured")
