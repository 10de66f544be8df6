"""[rephrase]: which servers write, what they may cost, and in which styles they rewrite which documents."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from jobs.recipe.columns import Columns
from jobs.recipe.section import Fraction, Positive, Section
from udfs.endpoint.address import address_of

Amount = Annotated[float, Field(gt=0)]
Price = Annotated[float, Field(ge=0)]


def _addresses(given: tuple[str, ...]) -> tuple[str, ...]:
    for url in given:
        address_of(url)
    return given


def _sampling_only(given: dict[str, Any]) -> dict[str, Any]:
    known = sorted(given.keys() & {"model", "messages", "max_tokens", "temperature", "top_p", "seed", "stream", "n"})
    if known:
        raise ValueError(f"{known[0]!r} is no further parameter: it has a key of its own, or the client sets it. Leave it out")
    json.dumps(given, allow_nan=False)
    return given


class Style(Section):
    """Describe a style; [[rephrase.style]] may stand several times."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60, description="names the style in ids and in the column carried"
    )
    prompt: str = Field(min_length=1, description="a prompt of conf/prompts by its name, or the path of one of your own")
    share: Fraction = Field(1.0, description="the part of documents that get this style, chosen by a hash of their ids")
    budget_tokens: Positive | None = Field(
        None,
        description="instead of share: documents get this style, in the order of that hash, while prompts and answers together, at the most, fit",
    )
    copies: Positive = Field(1, description="rephrases of one document in this style, each by chance of its own")
    gaps: int = Field(
        0,
        ge=0,
        description="write thoughts for megadocs instead: one for each gap of a page in gaps + 1 pieces of equal tokens",
    )
    segment_tokens: int = Field(1000, ge=16, description="longer documents are cut at paragraph ends; GPT-2 tokens")
    max_tokens: Positive = Field(1024, description="of the answer to one segment, by the model's own tokenizer")
    on_overflow: Literal["shorten", "fail"] = Field(
        "shorten", description="a segment longer than the model's context is cut in halves, or its document fails"
    )
    temperature: Price | None = Field(None, description="sent if given; else the server's default")
    top_p: Fraction | None = Field(None, description="likewise")
    seed: int | None = Field(None, description="likewise; the number of the copy is added")
    extra: Annotated[dict[str, Any], AfterValidator(_sampling_only)] = Field({}, description="further parameters of the server")

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> "Style":
        if self.gaps and self.copies != 1:
            raise ValueError("gaps and copies together: a gap has one thought. Leave copies out")
        if self.budget_tokens is not None and self.share != 1.0:
            raise ValueError("share and budget_tokens together: each says which documents get the style. Leave one out")
        return self

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of sampling as they are sent."""
        given = {"temperature": self.temperature, "top_p": self.top_p, "seed": self.seed}
        return {name: value for name, value in given.items() if value is not None} | self.extra


class Rephrase(Section):
    """Let models rewrite the documents of a corpus, grounded in their text; the answers are the run's documents."""

    servers: Annotated[tuple[str, ...], AfterValidator(_addresses)] = Field(
        min_length=1, description="OpenAI-compatible servers, such as http://gpu-1:8000/v1"
    )
    model: str = Field(min_length=1, description="the model's name, as the servers know it; an answer by another is refused")
    key_env: str = Field("", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", description="the environment variable with the API key")
    concurrency: Positive = Field(64, description="requests that all servers together have at once; fewer while they are slow")
    timeout_s: Amount = Field(600.0, description="for one whole answer")
    patience_s: Amount = Field(300.0, description="how long no server may answer before its documents are left for a later run")
    attempts: Positive = Field(6, description="how often one request reaches a server in vain before it fails")
    budget_tokens: Positive | None = Field(None, description="prompts and answers together, over all runs of the root")
    budget_dollars: Amount | None = Field(None, description="likewise, by the two prices")
    dollars_per_million_in: Price = Field(0.0, description="price of prompts")
    dollars_per_million_out: Price = Field(0.0, description="price of answers")
    tokens_per_second: Amount | None = Field(
        None, description="what all servers write together, for the hours in gristmill plan"
    )
    seed: int = Field(0, description="of the choice of documents by share or budget")
    split_mb: Amount = Field(16.0, description="larger local files are read in ranges; a range's answers are held in memory")
    max_row_mb: Positive = Field(32, description="longer rows become failed: too_large")
    columns: Columns = Field(Columns(), description="where the text and the rest stand in the corpus")
    style: tuple[Style, ...] = Field(min_length=1, description="the styles")

    @model_validator(mode="after")
    def _is_sound(self) -> "Rephrase":
        names = [one.name for one in self.style]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two styles are named {twice[0]!r}: their rephrases would have one id. Name one otherwise")
        if self.budget_tokens is not None and self.budget_dollars is not None:
            raise ValueError("budget_tokens and budget_dollars together: one of them is the limit. Leave the other out")
        if self.budget_dollars is not None and not self.dollars_per_million_in + self.dollars_per_million_out:
            raise ValueError("budget_dollars without prices would never be spent: give dollars_per_million_in and _out")
        return self
