"""[annotate]: which models score a text, and what is measured of it."""

from typing import Literal, get_args

from pydantic import Field

from jobs.recipe.minhash import MinHash
from jobs.recipe.section import Section

Further = Literal["refinedweb", "gopher_dclm", "gopher_dolma"]
FURTHER: tuple[Further, ...] = get_args(Further)


class Annotate(Section):
    """Name the models and what is measured."""

    language_model: str = Field("lid.176.ftz", description="a model named in conf/models.toml, or the path of one")
    quality_model: str | None = Field(None, description="a supervised fastText model; none: no quality_score")
    quality_label: str = Field("__label__hq", description="the label whose probability is quality_score")
    line_edits: Literal["c4", "refinedweb", "none"] = Field(
        "c4", description="which line rules cut text before it is measured further"
    )
    faithful: bool = Field(False, description="in RefinedWeb's rules, repeat two slips of DCLM's code (docs/recipes.md)")
    sets: tuple[Further, ...] = Field((), description="further sets of signals to measure (docs/signals.md)")
    pii: bool = Field(True, description="find emails and public IP addresses and replace them in the product")
    minhash: MinHash | None = Field(None, description="signatures, by which dedup finds near-duplicates; none: not measured")
