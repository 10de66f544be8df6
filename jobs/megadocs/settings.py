"""[megadocs]: which texts are woven into long documents, and how."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from jobs.recipe.section import Positive, Section
from udfs.megadocs.group import WeaveSettings


class Megadocs(Section):
    """Weave long documents of the pages of `[run] input` and the texts that a model wrote of them."""

    synthetic: Annotated[tuple[str, ...], BeforeValidator(lambda given: tuple(given) if isinstance(given, list) else given)] = (
        Field(
            min_length=1, description="roots, or folders or files of Parquet, whose documents name the pages as their parents"
        )
    )
    weave: Literal["stitch", "stretch", "simple"] = Field(
        description="stitch: the texts, then the page; stretch: thoughts between the pieces of the page; simple: the same texts apart"
    )
    generations: Positive = Field(description="G: how many texts of a page are woven; a stretched page has G + 1 pieces")
    min_generations: int | None = Field(
        None, ge=0, description="a page with fewer texts is dropped; all of generations, if not given"
    )
    style: str | None = Field(None, description="weave only texts of this style, as `carried` names it; none: of every style")
    real: Literal["last", "first", "none"] = Field("last", description="where the page stands among its texts; none: nowhere")
    order: Literal["generation", "hash"] = Field("generation", description="of the texts: by their number, or by chance")
    seed: int = Field(1, description="of that chance")
    separator: str = Field("\n\n", description="between the texts of a megadoc")
    opening: str = Field("\n\n<think>\n", description="before a thought")
    closing: str = Field("\n</think>\n\n", description="after a thought")
    max_characters: Positive = Field(10_000_000, description="a page that is longer together with its texts is dropped")
    chunk_pages: Positive = Field(100_000, description="pages in a chunk, the unit of the later stages' work")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """Refuse a stretched page that is nowhere, and more texts asked for than are woven."""
        if self.weave == "stretch" and self.real == "none":
            raise ValueError('weave = "stretch" is a page with thoughts in it, so real = "none" leaves nothing to stretch')
        if self.least > self.generations:
            raise ValueError(f"min_generations = {self.min_generations} is more than generations = {self.generations}")
        return self

    @property
    def least(self) -> int:
        """Return how many texts a page must have."""
        return self.generations if self.min_generations is None else self.min_generations

    def settings(self) -> WeaveSettings:
        """Return the settings as the workers take them."""
        return WeaveSettings(
            weave=self.weave,
            generations=self.generations,
            min_generations=self.least,
            real=self.real,
            order=self.order,
            seed=self.seed,
            separator=self.separator,
            opening=self.opening,
            closing=self.closing,
            max_characters=self.max_characters,
        )
