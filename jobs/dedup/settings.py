"""[dedup]: which duplicates go, which copy stays, and how many may go before somebody should look."""

from typing import Literal

from pydantic import Field, model_validator

from jobs.recipe.section import Fraction, Positive, Section


class Alarm(Section):
    """Stop a run before publish when dedup has dropped more than it should; groups below min_documents are not judged."""

    max_removed_total: Fraction = Field(0.95, description="largest share of all documents; 1: no limit")
    max_removed: Fraction = Field(
        0.99, description="largest share of one language's or one input file's documents; 1: no limit"
    )
    max_removed_domain: Fraction = Field(
        1.0, description="largest share of one registered domain's; 1: no limit, since one template may fill a domain"
    )
    max_group: Positive | None = Field(None, description="largest group of duplicates; none: no limit")
    min_documents: Positive = Field(1000, description="documents that came into dedup from which a share is judged")


class NearDuplicates(Section):
    """Say what a near-duplicate is; which pairs are compared at all is up to [annotate.minhash]."""

    min_similarity: Fraction = Field(0.75, description="exact similarity from which a pair is a duplicate")
    measure: Literal["jaccard", "containment"] = Field(
        "jaccard", description="what min_similarity bounds: common shingles over all, or over those of the worse document"
    )


class Dedup(Section):
    """Say which duplicates go, and which copy stays."""

    mode: Literal["drop", "annotate"] = Field(
        "drop", description="drop duplicates, or publish all with their group and witness"
    )
    scope: Literal["dump", "global"] = Field(
        "dump", description="compare within the dump, or with all published dumps of the index"
    )
    index: str | None = Field(None, description="folder of the index of published dumps; publishing adds this dump to it")
    exact_url: Literal["best", "newest", "off"] = Field("best", description="which capture of one normalised URL stays")
    min_url_similarity: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Jaccard similarity from which captures of one URL are duplicates; 0: the URL alone decides",
    )
    exact_text: bool = Field(True, description="of documents with one normalised text keep one")
    exact_digest: bool = Field(
        False, description="of captures with one payload digest keep one; exact_text finds all but odd ones"
    )
    survivor: tuple[str, ...] = Field(
        ("quality_score DESC", "character_count DESC", "date ASC"),
        description="which copy stays: SQL order over signals and date, the id decides last; a null comes last",
    )
    near_duplicates: NearDuplicates | None = Field(None, description="leave the section out to keep near-duplicates")
    alarm: Alarm = Alarm()

    @property
    def asks_texts_of_captures(self) -> bool:
        """Tell whether captures of one URL are compared."""
        return self.exact_url != "off" and self.min_url_similarity > 0

    @model_validator(mode="after")
    def _global_needs_an_index(self) -> "Dedup":
        if self.scope == "global" and self.index is None:
            raise ValueError(
                'scope = "global" compares with the dumps of an index, and none is named. Add index = "s3a://…/index"'
            )
        return self
