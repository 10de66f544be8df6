"""[[sampling]]: the steps that choose among the documents that are left, each by one method, in the order in which they are taken."""

from math import prod
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from jobs.recipe.section import Section
from jobs.recipe.where import HOSTS, NOT_HOSTS, meant
from jobs.sampling.method_settings import (
    METHODS,
    MOST_COPIES,
    Buckets,
    Budget,
    Dsir,
    Method,
    Pareto,
    Rehydrate,
    Softmax,
    Temperature,
    Threshold,
    Tiers,
    Top,
)


class Step(Section):
    """One step of sampling: it has a name and one method."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$", max_length=100, description="the step's name, and the reason of what it drops"
    )
    where: str | None = Field(
        None, min_length=1, description="Spark SQL over signals and columns; the step sees documents for which it is true"
    )
    hosts: str | None = Field(None, min_length=1, description=HOSTS)
    not_hosts: str | None = Field(None, min_length=1, description=NOT_HOSTS)
    seed: int = Field(0, ge=0, lt=2**32, description="chance is a hash of the document's id, the step's name and this")
    source: str = Field("", description="the paper or code whose step it is")
    top: Top | None = Field(None, description="a share of the pool")
    threshold: Threshold | None = Field(None, description="bounds of a value")
    pareto: Pareto | None = Field(None, description="by chance, by a score")
    softmax: Softmax | None = Field(None, description="by chance, so many")
    temperature: Temperature | None = Field(None, description="even out groups")
    tiers: Tiers | None = Field(None, description="copies by quality")
    budget: Budget | None = Field(None, description="so much and no more")
    rehydrate: Rehydrate | None = Field(None, description="copies by duplicates")
    dsir: Dsir | None = Field(None, description="by chance, like a target corpus")
    buckets: Buckets | None = Field(None, description="names by quality; none goes")

    @property
    def meant(self) -> str | None:
        """Return SQL that says which documents the step sees; None: all."""
        return meant(self.where, hosts=self.hosts, not_hosts=self.not_hosts)

    @property
    def method(self) -> Method:
        """Return the one method that the step has."""
        found: Method = next(value for name in METHODS if (value := getattr(self, name)) is not None)
        return found

    @model_validator(mode="after")
    def _one_method(self) -> "Step":
        given = [name for name in METHODS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"step {self.name!r} has {' and '.join(given) or 'no method'}: a step has one method. Give one of {', '.join(METHODS)}"
            )
        return self


def _most_copies(step: Step) -> float:
    """Return by how much a step may multiply the copies of a document, as far as the recipe bounds it."""
    match step.method:
        case Tiers(copies=copies):
            return max(1.0, *copies)
        case Rehydrate(max_copies=most) | Temperature(max_copies=float(most)):
            return most
    return 1.0


def _steps_fit(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    seen: set[str] = set()
    for step in steps:
        if step.name in seen:
            raise ValueError(f"two steps have the name {step.name!r}: a dropped document could not say which it left for")
        seen.add(step.name)
    if not steps:
        raise ValueError("sampling has no step, so the stage would keep all. Add a [[sampling]], or leave the key out")
    if (most := prod(map(_most_copies, steps))) > MOST_COPIES:
        raise ValueError(
            f"the steps multiply copies, so a document could have {most:,.0f}, and {MOST_COPIES:,} are the most. Lower their copies"
        )
    return steps


Steps = Annotated[tuple[Step, ...], AfterValidator(_steps_fit)]
