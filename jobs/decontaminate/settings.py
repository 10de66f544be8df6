"""[decontaminate]: which evaluation sets are protected, how a document is searched for them, and what becomes of one that holds some."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from jobs.recipe.section import Fraction, Positive, Section
from udfs.grams.gram_index import LEAST_QUESTION, MOST_WORDS
from udfs.grams.protected import Bounds

MAX_INDEX_MB = 1024
NGRAM = 13
NgramsOf = Literal["question", "answer", "overlap"]
EACH_ALONE: tuple[NgramsOf, ...] = ("question", "answer")
_NAMES = r"[^.\[\]\s]+(?:\.[^.\[\]\s]+)*"
_PATH = re.compile(rf"{_NAMES}(?:\[{_NAMES}\])?")


def _is_path(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError(
            "is no field: write `name`, `outer.inner`, or `choices[gold]` for the element of a list that a field numbers"
        )
    return path


def _is_pattern(pattern: str | None) -> str | None:
    if pattern is not None:
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"is no regular expression ({error})") from None
        if not groups:
            raise ValueError("has no group: put the part that is the question into brackets")
    return pattern


FieldPath = Annotated[str, AfterValidator(_is_path)]


class EvaluationSet(Section):
    """Name an evaluation set, where its file lies, and the fields of an item that no document should hold."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$", max_length=100, description="what decisions and the report call it"
    )
    uri: str = Field(
        min_length=1, description="Parquet, JSONL (.gz, .zst) or Arrow, an item a row: a path, file://, http(s):// or s3://"
    )
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$", description="the file's; another file is refused")
    question: FieldPath = Field(description="field with the question: `name`, `outer.inner` or `choices[gold]`")
    pattern: Annotated[str | None, AfterValidator(_is_pattern)] = Field(
        None, description="regular expression; the first group of its match is the question, without the frame around it"
    )
    answer: FieldPath | None = Field(None, description="field with the answer; it completes a question that is too short")
    ngrams_of: tuple[NgramsOf, ...] = Field(
        EACH_ALONE,
        min_length=1,
        description="whose n-grams are looked for: the question's, the answer's, and those that begin in the question and end in the answer",
    )
    also: tuple[FieldPath, ...] = Field(
        (), description="other fields to protect, such as a passage; each text of a list by itself"
    )
    id: FieldPath | None = Field(None, description="field that names the item. None: the number of its row, from 0")

    @model_validator(mode="after")
    def _has_what_overlaps(self) -> "EvaluationSet":
        if "question" not in self.ngrams_of and self.answer is None:
            raise ValueError(
                "ngrams_of leaves the question out, and no answer is named, so nothing would be found. Name answer"
            )
        if "overlap" in self.ngrams_of and self.answer is None:
            raise ValueError("ngrams_of has overlap, and no answer is named that a question could overlap. Name answer")
        return self


class Decontaminate(Section):
    """Find documents that hold items of evaluation sets, and drop them, cut the items out, or only mark them."""

    action: Literal["drop", "cut", "mark"] = Field(
        "drop", description="the document goes; the shared words go, by edits; or it stays and its decision says what it holds"
    )
    ngram: int = Field(
        NGRAM, ge=LEAST_QUESTION + 1, le=MOST_WORDS, description="words in a row that a document must share with a text"
    )
    every: Positive = Field(1, description="look for one n-gram in so many; ngram + every - 1 shared words are found for sure")
    min_share: Fraction = Field(
        0.5, description="a document holds a text if it has this share of the text's words, each weighed by its rarity"
    )
    max_items: Positive = Field(100, description="an n-gram in more items is a frame that they share, and no evidence")
    min_words: int = Field(
        6, ge=LEAST_QUESTION, description="a question under ngram words is protected if it and its answer have so many together"
    )
    answer_within: Positive = Field(32, description="words after a short question within which its answer must begin")
    max_index_mb: Positive = Field(MAX_INDEX_MB, description="most memory of the index, which each Python worker holds")
    set: tuple[EvaluationSet, ...] = Field(description="the evaluation sets")

    @property
    def bounds(self) -> Bounds:
        """Return what the search for n-grams needs to know."""
        return Bounds(self.ngram, self.every, self.max_items, self.min_words, self.answer_within, self.min_share)

    @model_validator(mode="after")
    def _sets_are_named_apart(self) -> "Decontaminate":
        names = [one.name for one in self.set]
        if not names:
            raise ValueError("[decontaminate] has no evaluation set, so it would find nothing. Add [[decontaminate.set]]")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two sets have the name {twice[0]!r}: a decision could not say which a document holds")
        return self
