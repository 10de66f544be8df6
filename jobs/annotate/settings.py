"""[annotate]: which models score a text, and what is measured of it."""

from typing import Literal

from pydantic import Field, model_validator

from jobs.recipe.minhash import MinHash
from jobs.recipe.section import Section
from udfs.models.model_file import OTHERS


class PerplexityModel(Section):
    """Name the two models of a language that give a text its perplexity; `gristmill train-perplexity` makes them."""

    pieces: str = Field(min_length=1, description="SentencePiece's model, a file named *.sp.model: a path or a pinned location")
    lm: str = Field(min_length=1, description="KenLM's model, a file named *.arpa.bin, likewise")

    @model_validator(mode="after")
    def _named_as_what_they_are(self) -> "PerplexityModel":
        for name, end in ((self.pieces, OTHERS[0]), (self.lm, OTHERS[1])):
            if not name.partition("#")[0].endswith(end):
                raise ValueError(f"{name} does not end in {end}, so it is taken for a model of another kind. Rename the file")
        return self


class Perplexity(Section):
    """Measure perplexity by language, as CCNet does; needs the extra gristmill[perplexity]."""

    models: dict[str, PerplexityModel] = Field(min_length=1, description="the models of each language, by the language's label")
    faithful: bool = Field(
        False, description="true: score the text as one line with its breaks deleted, as cc_net does; false: line by line"
    )


class Annotate(Section):
    """Name the models and what is measured."""

    language_model: str = Field("lid.176.ftz", description="a model named in conf/models.toml, or the path of one")
    quality_model: str | None = Field(None, description="a supervised fastText model; none: no quality_score")
    quality_label: str = Field("__label__hq", description="the label whose probability is quality_score")
    line_edits: Literal["c4", "none"] = Field("c4", description="which line rules cut text before it is measured further")
    pii: bool = Field(True, description="find emails and public IP addresses and replace them in the product")
    perplexity: Perplexity | None = Field(None, description="language models by language; none: not measured")
    hashed_ngrams: bool = Field(False, description="count words and pairs of words in 10,000 buckets, by which dsir chooses")
    minhash: MinHash | None = Field(None, description="signatures, by which dedup finds near-duplicates; none: not measured")
