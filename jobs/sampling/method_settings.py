"""The methods of [[sampling]], each with its keys: how a step chooses among the documents, or names or repeats them."""

from decimal import Decimal
from itertools import accumulate
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from jobs.recipe.section import Fraction, Positive, Section

Unit = Literal["documents", "tokens", "characters"]
MOST_COPIES = 1_000_000
Copies = Annotated[float, Field(ge=0, le=MOST_COPIES, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Sql = Annotated[str, Field(min_length=1)]
Several = Annotated[tuple[Sql, ...], Field(min_length=2)]
Values = Annotated[
    Annotated[Sql, Tag("text")] | Annotated[Several, Tag("list")],
    Discriminator(lambda given: "list" if isinstance(given, list | tuple) else "text"),
]
SEVERAL = "; a list of them: the largest of the twentieths, 0 to 19, in which each puts the document"
VALUE = "Spark SQL, a number for each document; the larger, the better"
WITHIN = "Spark SQL that names a document's group; each group is cut by itself. None: all are one group"


class Top(Section):
    """Keep a share of the pool: the documents with the largest values. DCLM keeps the top tenth."""

    by: Values = Field(description=VALUE + SEVERAL)
    share: Fraction = Field(description="share of the documents that stays, exact to one document")
    within: str | None = Field(None, min_length=1, description=WITHIN)


class Threshold(Section):
    """Keep the documents whose value lies within bounds."""

    by: Values = Field(description="Spark SQL, a number for each document" + SEVERAL)
    min: Number | None = Field(None, description="least value that stays")
    max: Number | None = Field(None, description="largest value that stays")

    @model_validator(mode="after")
    def _something_is_bounded(self) -> "Threshold":
        if self.min is None and self.max is None:
            raise ValueError("threshold has neither min nor max, so it would drop nothing. Give one of them")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}, so no document would stay. Change them around")
        return self


class Pareto(Section):
    """Keep a document of score s with probability (2 - s)^-alpha, as GPT-3 and the Pile do."""

    by: str = Field(min_length=1, description="Spark SQL, a score from 0 to 1; a document of score 1 always stays")
    alpha: float = Field(9.0, gt=0, le=1000, description="the larger, the fewer documents of a low score stay; the Pile has 3")


class Softmax(Section):
    """Draw a share of the pool without replacement, each document with a weight of e^(value / temperature), as QuRating does."""

    by: Values = Field(description="Spark SQL, a score, or the logarithm of a weight such as DSIR's" + SEVERAL)
    temperature: float = Field(
        1.0, gt=0, le=1_000_000, description="near 0 the best are taken, as by top; the larger, the more chance decides"
    )
    share: Fraction = Field(description="share of the documents that stays, exact to one document")
    within: str | None = Field(None, min_length=1, description=WITHIN)


class Temperature(Section):
    """Even out groups such as languages: a group of n gets a share of the pool in proportion to n^(1/temperature)."""

    over: str = Field(min_length=1, description="Spark SQL that names a document's group")
    temperature: float = Field(ge=1, le=1_000_000, description="1 changes nothing; the larger, the more even are the groups")
    unit: Unit = Field("documents", description="what a group's size is counted in")
    max_copies: float | None = Field(
        None, ge=1, le=1_000_000, description="most copies that a document is expected to get; none: no limit"
    )


def edges_of(shares: tuple[float, ...]) -> tuple[Decimal, ...]:
    """Return the sums of the first share, of the first two, and so on, exactly.

    >>> [str(edge) for edge in edges_of((0.1, 0.2))]
    ['0.1', '0.3']
    """
    return tuple(accumulate(Decimal(repr(share)) for share in shares))


class Tiers(Section):
    """Give each tier of quality an expected number of copies; the best tier comes first."""

    by: Values = Field(description=VALUE + SEVERAL)
    at: tuple[Number, ...] = Field((), description="least value of each tier but the last, falling")
    shares: tuple[Fraction, ...] = Field(
        (), description="share of the documents in each tier but the last, exact to one document"
    )
    copies: tuple[Copies, ...] = Field(description="copies of each tier, one number more than at or shares has")
    within: str | None = Field(None, min_length=1, description=WITHIN + ". Only with shares")

    @property
    def edges(self) -> tuple[Decimal, ...]:
        """Return the shares of the pool that lie above the end of each tier but the last.

        >>> [str(edge) for edge in Tiers(by="q", shares=(0.1, 0.2), copies=(3, 2, 1)).edges]
        ['0.1', '0.3']
        """
        return edges_of(self.shares)

    @model_validator(mode="after")
    def _tiers_fit(self) -> "Tiers":
        if bool(self.at) == bool(self.shares):
            raise ValueError("tiers need either at, values, or shares of the pool: one of them says where a tier ends")
        count = len(self.at) + len(self.shares) + 1
        if len(self.copies) != count:
            raise ValueError(f"copies has {len(self.copies)} numbers, but at or shares make {count} tiers. Give each tier one")
        if not any(self.copies):
            raise ValueError("copies are 0 in every tier, so no document would stay. Give one tier a number above 0")
        if list(self.at) != sorted(set(self.at), reverse=True):
            raise ValueError("at must fall: the best tier comes first, and no value ends two tiers")
        if self.shares and self.edges[-1] > 1:
            raise ValueError(f"shares add up to {self.edges[-1]}, which is more than the whole pool")
        if self.within is not None and self.at:
            raise ValueError(
                "within has no meaning beside at: a value ends a tier in every group. Leave it out, or give shares"
            )
        return self


class Budget(Section):
    """Keep documents until a number of tokens, characters or documents is reached, exact to one document."""

    tokens: Positive | None = Field(None, description="most tokens, by the signal token_count")
    characters: Positive | None = Field(None, description="most characters, by the signal character_count")
    documents: Positive | None = Field(None, description="most documents; a document of three copies is three")
    by: str | None = Field(None, min_length=1, description=VALUE + ". None: by chance")
    within: str | None = Field(None, min_length=1, description=WITHIN + "; each group has the whole budget")

    @property
    def unit(self) -> Unit:
        """Return what the budget is counted in."""
        return "tokens" if self.tokens is not None else "characters" if self.characters is not None else "documents"

    @property
    def amount(self) -> int:
        """Return how much there may be."""
        return self.tokens or self.characters or self.documents or 0

    @model_validator(mode="after")
    def _one_unit(self) -> "Budget":
        if sum(one is not None for one in (self.tokens, self.characters, self.documents)) != 1:
            raise ValueError("a budget is counted in one unit. Give one of tokens, characters and documents")
        return self


class Rehydrate(Section):
    """Repeat documents by how many duplicates they stand for, as FineWeb2 does; the steps before it are its filters."""

    by: str = Field("group_size", min_length=1, description="Spark SQL, the number of copies that a document stood for")
    sizes: tuple[Positive, ...] = Field(
        (1, 2, 3, 4, 5, 10, 20, 50, 100, 1000),
        description="least size of each class of groups, rising; smaller groups are in the first",
    )
    max_copies: float = Field(
        10.0, ge=1, le=1_000_000, description="copies for the class of which the steps before dropped the least share"
    )
    within: str | None = Field(
        None, min_length=1, description="Spark SQL that names a document's group, such as its language; each is weighed alone"
    )

    @model_validator(mode="after")
    def _sizes_rise(self) -> "Rehydrate":
        if not self.sizes or list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError("sizes must rise, and there must be one")
        return self


class Dsir(Section):
    """Draw documents by how much likelier their hashed n-grams are in a target corpus than in the pool, as DSIR does."""

    target: tuple[str, ...] = Field(
        min_length=1,
        description="files, folders, s3:// or http(s):// locations of the target: Parquet or JSONL with a column text, or .txt with a text a line",
    )
    share: Fraction | None = Field(None, description="share of the documents that stays, exact to one document")
    tokens: Positive | None = Field(None, description="most tokens, by the signal token_count")
    characters: Positive | None = Field(None, description="most characters, by the signal character_count")
    documents: Positive | None = Field(None, description="most documents; a document of three copies is three")
    length_correction: Literal["none", "mean", "poisson"] = Field(
        "none", description="none: DSIR's sum, which grows with length; mean: per n-gram; poisson: as RedPajama-V2's"
    )

    @property
    def unit(self) -> Unit:
        """Return what is counted to see how much stays."""
        return "tokens" if self.tokens is not None else "characters" if self.characters is not None else "documents"

    @property
    def amount(self) -> int | None:
        """Return how much there may be; None if a share says it."""
        return self.tokens or self.characters or self.documents

    @model_validator(mode="after")
    def _one_bound(self) -> "Dsir":
        if sum(one is not None for one in (self.share, self.tokens, self.characters, self.documents)) != 1:
            raise ValueError("dsir needs one bound. Give one of share, tokens, characters and documents")
        return self


class Buckets(Section):
    """Name the bucket of each document by its place in the pool, and drop none, as CCNet does with head, middle and tail."""

    by: str = Field(min_length=1, description=VALUE)
    shares: tuple[Fraction, ...] = Field(
        (0.3, 0.3), min_length=1, description="share of the documents in each bucket but the last, exact to one document"
    )
    names: tuple[str, ...] = Field(
        ("head", "middle", "tail"), description="the buckets, the best first; one more than shares has"
    )
    within: str | None = Field(None, min_length=1, description=WITHIN)
    otherwise: str = Field("all", description="the bucket of documents that `where` leaves out, unless they have one")

    @model_validator(mode="after")
    def _buckets_fit(self) -> "Buckets":
        if len(self.names) != len(self.shares) + 1:
            raise ValueError(f"names has {len(self.names)} buckets, but shares make {len(self.shares) + 1}. Give each a name")
        if edges_of(self.shares)[-1] > 1:
            raise ValueError(f"shares add up to {edges_of(self.shares)[-1]}, which is more than the whole pool")
        if not all(name.strip() for name in (*self.names, self.otherwise)):
            raise ValueError("a bucket has a blank name, so nobody could ask for it. Name it")
        if len(set(self.names)) != len(self.names):
            raise ValueError("two buckets have one name, so nobody could tell them apart. Name one of them otherwise")
        return self


METHODS = ("top", "threshold", "pareto", "softmax", "temperature", "tiers", "budget", "rehydrate", "dsir", "buckets")
Method = Top | Threshold | Pareto | Softmax | Temperature | Tiers | Budget | Rehydrate | Dsir | Buckets
