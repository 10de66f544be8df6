"""[extract]: how a page becomes text, which pages are worth it, and which records are read at all."""

from typing import Literal

from pydantic import Field

from jobs.crawl.settings import IndexFilter
from jobs.recipe.section import Fraction, Positive, Section


class Gate(Section):
    """Say which pages are worth a precise extraction, by a cheap look at their text; leave the section out to extract all."""

    languages: tuple[str, ...] = Field((), description="labels of [annotate] language_model; empty: any language")
    min_language_score: Fraction = Field(0.3, description="least probability that the text is in one of them")
    min_words: int = Field(0, ge=0, description="fewest words; in scripts without spaces, characters")


class Extract(Section):
    """Say how a page becomes text."""

    extractor: Literal["choice", "trafilatura", "resiliparse", "blocks"] = Field("choice", description="what takes the text")
    format: Literal["text", "markdown"] = Field(
        "text", description="markdown: headings, lists, tables and code are marked; only with blocks"
    )
    favor: Literal["precision", "default", "recall"] = Field("precision", description="trafilatura's leaning, when it is alone")
    gate: Gate | None = Field(None, description="leave the section out to extract every page")
    index_filter: IndexFilter | None = Field(None, description="leave the section out to read every record")
    max_cpu_s: float = Field(10.0, gt=0, description="CPU seconds that a page may take before it becomes failed: timeout")
    max_wall_s: float = Field(
        120.0, gt=0, description="seconds by the clock, a distant second limit for a page that sleeps; failed: timeout"
    )
    max_memory_mb: int = Field(2048, ge=256, description="address space of the child that parses pages")
    max_page_mb: Positive = Field(16, description="pages with a larger body become failed: too_large")
