"""[passages]: which repeated passages of documents are cut from what dedup keeps; a recipe without the section has no such stage."""

from typing import Literal

from pydantic import Field, model_validator

from jobs.recipe.section import Fraction, Positive, Section


class CcnetLines(Section):
    """Cut lines that two documents have, as CCNet does."""

    keep: Literal["none", "first"] = Field(
        "none",
        description="of a line in two documents: no copy stays (CCNet's way), or that in the first document by hash of id",
    )


class C4Lines(Section):
    """Cut lines that an earlier page has, or the same page further up, as C4 does: one copy of a line stays."""

    min_sentences: int = Field(3, ge=0, description="a page that keeps fewer is dropped: few_sentences_left")


class Bff(Section):
    """Cut paragraphs whose n-grams were mostly seen before, and drop such documents, as DCLM's BFF does (old-both)."""

    method: Literal["bloom", "exact"] = Field(
        "bloom", description="bloom: documents in order through a filter a shard; exact: n-grams grouped, in no order"
    )
    min_ngram: Positive = Field(13, description="a paragraph of fewer words has no n-gram, and always stays")
    max_ngram: Positive = Field(13, description="words in an n-gram; a paragraph of fewer, but of min_ngram, is one n-gram")
    max_seen_ratio: Fraction = Field(0.8, description="a paragraph or document goes if a larger share of its n-grams was seen")
    shards: Positive = Field(1, description="documents are compared within a shard only, chosen by hash of id")
    max_false_positives: float = Field(0.01, gt=0, lt=1, description="rate of false positives of a full filter; bloom only")
    max_memory_mb: Positive = Field(
        4096, description="most memory of the filters that are open at once on an executor; bloom only"
    )

    @model_validator(mode="after")
    def _ngrams_are_in_order(self) -> "Bff":
        if self.min_ngram > self.max_ngram:
            raise ValueError(
                f"min_ngram = {self.min_ngram} is more than max_ngram = {self.max_ngram}: paragraphs with fewer than {self.min_ngram} words, "
                f"but enough for an n-gram, would have none and all stay. DCLM has 13 for both"
            )
        return self


class Substrings(Section):
    """Cut runs of words that stood before, in another document or in the same one."""

    min_tokens: int = Field(50, ge=2, description="fewest words, punctuation marks included, that a repeated run has")


class Passages(Section):
    """Cut repeated passages out of the documents that dedup keeps; of several ways, in this order."""

    ccnet_lines: CcnetLines | None = Field(None, description="lines")
    c4_lines: C4Lines | None = Field(None, description="lines, and pages that lose too many sentences with them")
    bff: Bff | None = Field(None, description="paragraphs and documents, by n-grams")
    substrings: Substrings | None = Field(None, description="runs of words")

    @model_validator(mode="after")
    def _something_is_cut(self) -> "Passages":
        if all(way is None for way in (self.ccnet_lines, self.c4_lines, self.bff, self.substrings)):
            raise ValueError(
                "[passages] names no way to find passages, so the stage would cut nothing. Add [passages.ccnet_lines], [passages.c4_lines], "
                "[passages.bff] or [passages.substrings], or leave [passages] out"
            )
        return self
