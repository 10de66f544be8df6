"""One whole recipe: what every run has, and a section for each of its stages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, Field

from jobs.recipe.dump_name import check_dump
from jobs.recipe.section import Positive, Section

if TYPE_CHECKING:
    from jobs.engine.stage import Stage

S = TypeVar("S")


class Run(Section):
    """Name the run and its input."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=200, description="short name of the recipe, stored with the output"
    )
    dump: Annotated[str, AfterValidator(check_dump)] = Field(
        description="value of the dump column and partition; a name that no reader takes for a number or a date"
    )
    input: tuple[str, ...] = Field(
        description="files, globs, paths files, http(s) and s3 locations, CC-MAIN-… crawl ids; with [read], also folders and roots"
    )
    limit: Positive | None = Field(None, description="read only the first N input files")
    chunk_files: Positive = Field(100, description="input files in a chunk, the unit of resume")
    chunks_at_once: Positive = Field(2, description="chunks whose jobs run side by side, so that a straggler idles no core")
    max_readers: Positive = Field(500, description="input files that the whole job reads at once, a connection each")
    split_mb: float = Field(0, ge=0, description="split larger files into ranges of this size; 0 reads each by one request")


class Prices(Section):
    """Price a run in `gristmill plan`; the defaults are dollars in Common Crawl's region, us-east-1."""

    core_hour: float = Field(0.05, ge=0, description="a core for an hour, its memory included")
    per_1000_requests: float = Field(0.0004, ge=0, description="GET requests: S3 Standard's price")
    per_gb: float = Field(0.0, ge=0, description="bytes read; nothing within the region, more where they leave it")


class Report(Section):
    """Say how much the report shows."""

    samples: int = Field(3, ge=0, le=50, description="documents shown per reason")


@dataclass(frozen=True)
class Recipe:
    """Hold a recipe as it was understood: `sections` has the settings of every stage that its runs have, by section."""

    run: Run
    sections: Mapping[str, Any]
    prices: Prices = field(default_factory=Prices)
    report: Report = field(default_factory=Report)

    def of(self, stage: "Stage[S]") -> S:
        """Return the settings of a stage; a stage that the recipe does not have raises KeyError."""
        settings: S = self.sections[stage.section]
        return settings

    def has(self, stage: "Stage[Any]") -> bool:
        """Tell whether runs of this recipe have the stage."""
        return stage.section in self.sections

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as JSON, which `recipe.load.recipe_of` reads again."""
        found = {"run": self.run, **self.sections, "report": self.report, "prices": self.prices}
        return {name: as_json(value) for name, value in found.items()}


def as_json(value: Any) -> Any:
    """Return a section, or a list of them, as JSON."""
    return [as_json(item) for item in value] if isinstance(value, tuple) else value.model_dump(mode="json")
