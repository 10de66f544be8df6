"""[annotate]: which models score a text, and what is measured of it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from jobs.recipe.minhash import MinHash
from jobs.recipe.section import Section


class Classifier(Section):
    """Score each text by a supervised fastText model, or a regression of scores (.npz), as a signal of its own; [[annotate.quality]] may stand several times."""

    signal: str = Field("quality_score", pattern=r"^quality_[a-z0-9_]+$", description="the signal that holds the score")
    model: str = Field(min_length=1, description="a model named in conf/models.toml, or the path or location of one")
    label: str = Field("__label__hq", description="of a fastText model: the label whose probability is the score")


def _signals_are_unique(classifiers: tuple[Classifier, ...]) -> tuple[Classifier, ...]:
    names = [one.signal for one in classifiers]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"two classifiers have the signal {name!r}: a rule could not say which it means. Name one otherwise"
            )
    return classifiers


class Annotate(Section):
    """Name the models and what is measured."""

    language_model: str = Field("lid.176.ftz", description="a model named in conf/models.toml, or the path of one")
    line_edits: Literal["c4", "none"] = Field("c4", description="which line rules cut text before it is measured further")
    pii: bool = Field(True, description="find emails and public IP addresses and replace them in the product")
    quality: Annotated[tuple[Classifier, ...], AfterValidator(_signals_are_unique)] = Field(
        (), description="classifiers, each a signal; none: no quality_score"
    )
    minhash: MinHash | None = Field(None, description="signatures, by which dedup finds near-duplicates; none: not measured")
