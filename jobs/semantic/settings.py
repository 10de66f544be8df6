"""[semantic]: how vectors are clustered, which documents say the same as another, and which are what a cluster is full of."""

from typing import Literal

from pydantic import Field, model_validator

from jobs.recipe.section import Fraction, Positive, Section


class Duplicates(Section):
    """Drop documents whose vector is near that of another of their cluster (SemDeDup)."""

    min_cosine: Fraction | None = Field(None, description="cosine from which two documents of a cluster are duplicates")
    keep: Fraction | None = Field(None, description="share of the documents that is to stay; min_cosine is then searched for")
    order: Literal["farthest", "nearest", "random", "quality"] = Field(
        "farthest", description="which stays: the one farthest from the centroid or nearest, any, or the best by `quality`"
    )
    quality: str = Field("quality_score", description='SQL over signals, for order = "quality"; larger is better, null last')
    rule: Literal["survivors", "greedy"] = Field(
        "survivors", description="a dropped document drops no other; or it does, as in the paper"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> "Duplicates":
        if (self.min_cosine is None) == (self.keep is None):
            raise ValueError("[semantic.duplicates] needs min_cosine or keep, and not both: one follows from the other")
        return self


class Prototypes(Section):
    """Drop documents that lie nearest to the centroid of their cluster (SSL prototypes)."""

    keep: Fraction = Field(description="share of the documents that stays, the farthest from their centroids")
    scope: Literal["global", "cluster"] = Field(
        "global", description="the share is one of all documents, or one of each cluster's"
    )


class Semantic(Section):
    """Cluster the documents by their vectors, and drop what says the same as others."""

    where: str | None = Field(
        None, min_length=1, description="SQL: the documents that are meant; others stay, and are compared with none. None: all"
    )
    clusters: Positive | None = Field(None, description="clusters; none: the square root of the number of documents")
    iterations: Positive = Field(20, description="of k-means at most")
    sample: int = Field(
        100_000, ge=1000, description="documents that k-means is fitted to, in the driver; the rest is assigned"
    )
    seed: int = Field(1, description="of the sample, of the first centroids, and of every draw")
    max_cluster_size: Positive = Field(
        20_000, description="documents that are compared with each other at most; a larger cluster is divided"
    )
    duplicates: Duplicates | None = Field(None, description="leave the section out to keep documents that say the same")
    prototypes: Prototypes | None = Field(None, description="leave the section out to keep what clusters are full of")

    @property
    def quality(self) -> str | None:
        """Return the expression that orders documents, if one does."""
        return self.duplicates.quality if self.duplicates is not None and self.duplicates.order == "quality" else None

    @property
    def drops(self) -> bool:
        """Tell whether the stage drops anything, or only says where each document lies."""
        return self.duplicates is not None or self.prototypes is not None
