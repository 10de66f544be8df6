"""[mix]: which corpora, how much of each, and how many tokens in all."""

from collections import Counter
from typing import Literal, Self

from pydantic import Field, model_validator

from jobs.recipe.columns import Columns, Names
from jobs.recipe.section import Positive, Section

MAX_EPOCHS = 4.0  # Muennighoff et al. 2023: up to four epochs are nearly as good as new text


class Corpus(Section):
    """Name a corpus of the mix, and how much of it there is to be: `weight` or `epochs`."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="as documents, tables and a file of weights call the corpus"
    )
    corpus: Names = Field(
        min_length=1, description="its roots, files, folders or globs of Parquet or JSONL, as `[read]` takes them"
    )
    weight: float | None = Field(None, gt=0, le=1, description="share of the mix's tokens")
    epochs: float | None = Field(
        None, gt=0, le=1000, description="passes over it; 2.5 is every document twice, and half of the tokens a third time"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.weight is not None and self.epochs is not None:
            raise ValueError(f"corpus {self.name!r} has weight and epochs, and one would decide the other. Leave one out")
        return self


class Mix(Columns):
    """Mix corpora: documents with the number of copies that each has in the mix.

    With `tokens` every corpus has a weight. Without, at least one has epochs, and weights are shares of what comes out.
    """

    corpora: tuple[Corpus, ...] = Field(min_length=1, description="the corpora")
    tokens: Positive | None = Field(None, description="tokens of the mix; none: epochs say how many there are")
    weights: str | None = Field(
        None, description="a CSV with a column for each corpus, as Olmix and RegMix write them, instead of weights here"
    )
    weights_row: str | None = Field(
        None, description="the row of that file, by its run_id, run, name or index; one row needs none"
    )
    max_epochs: float = Field(MAX_EPOCHS, gt=0, le=1000, description="most passes over a corpus; more are refused")
    seed: int = Field(1, description="of the hash by which documents are drawn")
    count: Literal["column", "tokenizer"] = Field(
        "column",
        description="column: the tokens that annotate counted, GPT-2's; tokenizer: those of [pack] tokenizer, with bos and eos",
    )
    by: tuple[str, ...] = Field(
        ("language", "domain", "cluster", "bucket"), description="columns by which the report tells what went in"
    )
    max_row_mb: Positive = Field(32, description="longer rows become failed: too_large")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """Refuse what says too little, or two things."""
        twice = sorted(name for name, n in Counter(one.name for one in self.corpora).items() if n > 1)
        if twice:
            raise ValueError(f"two corpora are named {', '.join(twice)}: give each a name of its own")
        if self.weights is None and self.weights_row is not None:
            raise ValueError("weights_row names a row of [mix] weights, and there is no such file. Leave it out")
        _check_amounts(self)
        return self


def _check_amounts(mix: Mix) -> None:
    given = [one.name for one in mix.corpora if one.weight is not None or one.epochs is not None]
    if mix.weights is not None and given:
        raise ValueError(f"[mix] weights is a file, and {', '.join(given)} has a weight or epochs of its own. Leave one out")
    lacking = [one.name for one in mix.corpora if one.name not in given]
    if mix.weights is None and lacking:
        raise ValueError(f"corpus {', '.join(lacking)} has neither weight nor epochs, so nobody knows how much of it to take")
    with_epochs = [one.name for one in mix.corpora if one.epochs is not None]
    if mix.tokens is not None and with_epochs:
        raise ValueError(f"tokens says how many there are, and so do the epochs of {', '.join(with_epochs)}. Leave one out")
    if mix.tokens is None and not with_epochs:
        raise ValueError("weights are shares of something: give tokens, or one corpus its epochs")
    many = [f"{one.name}: {one.epochs:g}" for one in mix.corpora if one.epochs is not None and one.epochs > mix.max_epochs]
    if many:
        raise ValueError(
            f"epochs ({', '.join(many)}) are more than max_epochs = {mix.max_epochs:g}. Raise max_epochs if you mean it"
        )
    total = sum(one.weight or 0 for one in mix.corpora)
    if mix.tokens is not None and mix.weights is None and abs(total - 1) > 1e-6:
        raise ValueError(f"the weights add up to {total:g}, and all tokens are shared out: let them add up to 1")
    if mix.tokens is None and total >= 1:
        raise ValueError(f"the weights add up to {total:g}, which leaves nothing to the corpora with epochs")
